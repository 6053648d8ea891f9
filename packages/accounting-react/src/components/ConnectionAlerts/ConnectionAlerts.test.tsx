import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { createFixtureFetch } from '../../testing/stub-fetch';
import { renderWithProvider } from '../../testing/render';
import { ConnectionAlerts } from './ConnectionAlerts';

describe('ConnectionAlerts', () => {
  it('shows those that need a person, and no others', async () => {
    renderWithProvider(<ConnectionAlerts />, { scenario: 'troubled' });
    expect(await screen.findByRole('button', { name: 'Reconnect First Platypus Bank' })).toBeVisible();
    const names = screen.getAllByRole('status').map((alert) => alert.querySelector('strong')?.textContent);
    expect(names).toEqual(['First Platypus Bank', 'Houndstooth', 'Tattersall', 'Herringbone Treasury']);
  });

  it('renders nothing while all is well', async () => {
    const fetch = vi.fn(createFixtureFetch('connected'));
    const { container } = renderWithProvider(<ConnectionAlerts />, { fetch });
    await waitFor(() => {
      expect(fetch).toHaveBeenCalled();
    });
    await Promise.all(fetch.mock.results.map(({ value }) => value as Promise<Response>));
    expect(container).toBeEmptyDOMElement();
  });
});
