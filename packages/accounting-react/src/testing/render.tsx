/** Helpers of this package's own tests. */
import { render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import type { Fetch } from '../client/call';
import { OpenLedgerProvider, type OpenLedgerProviderProps } from '../provider/OpenLedgerProvider';
import { createFixtureFetch, type Scenario } from './stub-fetch';

interface Options extends Partial<Omit<OpenLedgerProviderProps, 'children'>> {
  scenario?: Scenario;
}

/** Renders inside a provider that talks to fixtures. */
export function renderWithProvider(
  children: ReactNode,
  { scenario = 'connected', ...props }: Options = {},
): RenderResult {
  return render(
    <OpenLedgerProvider
      apiUrl="https://api.test"
      entityId="e1"
      authToken="t"
      fetch={createFixtureFetch(scenario)}
      {...props}
    >
      {children}
    </OpenLedgerProvider>,
  );
}

/** A fetch whose answer for `METHOD /path` can be replaced; everything else goes to the fixture. */
export function fixtureFetchExcept(scenario: Scenario, overrides: Record<string, (body: unknown) => Response>): Fetch {
  const fixture = createFixtureFetch(scenario);
  return (input, init) => {
    const path = urlOf(input).pathname;
    const override = overrides[`${init?.method ?? 'GET'} ${path}`];
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    return override === undefined ? fixture(input, init) : Promise.resolve(override(body));
  };
}

/** The address of a request, whatever form it was given in. */
export function urlOf(input: Parameters<Fetch>[0]): URL {
  return new URL(input instanceof Request ? input.url : input);
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** An error answer as the server gives it. */
export function failure(status: number, code: string, message: string): Response {
  return json({ error: message, code, message, request_id: 'req_test' }, status);
}
