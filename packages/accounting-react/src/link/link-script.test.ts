import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { prepareLinkScript } from './link-script';

const API = 'https://api.test';

/** The module remembers what it loaded; each test gets a fresh one. */
async function freshPrepare(): Promise<typeof prepareLinkScript> {
  vi.resetModules();
  return (await import('./link-script')).prepareLinkScript;
}

function tags(): HTMLScriptElement[] {
  return [...document.querySelectorAll('script')];
}

describe('prepareLinkScript', () => {
  beforeEach(() => {
    document.head.replaceChildren();
    // jsdom would try to fetch the script; only the tag matters here.
    vi.spyOn(document.head, 'append').mockImplementation((node) => {
      document.head.insertBefore(node as Node, null);
    });
  });
  afterEach(() => {
    Reflect.deleteProperty(window, 'Plaid');
  });

  it('loads nothing in production', async () => {
    const prepare = await freshPrepare();
    await prepare(null, API);
    await prepare(undefined, API);
    expect(tags()).toEqual([]);
  });

  it.each([
    'https://evil.test/x.js',
    '//evil.test/x.js',
    'http://api.test/x.js',
    'https://api.test:8443/x.js',
    'data:text/javascript,1',
  ])('refuses %s, which is not on the API’s origin', async (url) => {
    const prepare = await freshPrepare();
    await expect(prepare(url, API)).rejects.toThrow('not on the API');
    expect(tags()).toEqual([]);
  });

  it('loads a script once and waits for window.Plaid', async () => {
    const prepare = await freshPrepare();
    const both = Promise.all([prepare('/sandbox/link.js', API, 'nonce-1'), prepare(`${API}/sandbox/link.js`, API)]);
    expect(tags().map(({ src, nonce }) => [src, nonce])).toEqual([[`${API}/sandbox/link.js`, 'nonce-1']]);
    Reflect.set(window, 'Plaid', {});
    tags()[0]?.dispatchEvent(new Event('load'));
    await both;
  });

  it('fails when the script does not define window.Plaid', async () => {
    const prepare = await freshPrepare();
    const prepared = prepare('/sandbox/link.js', API);
    tags()[0]?.dispatchEvent(new Event('load'));
    await expect(prepared).rejects.toThrow('did not define window.Plaid');
  });

  it('can be tried again after a failure', async () => {
    const prepare = await freshPrepare();
    const first = prepare('/sandbox/link.js', API);
    tags()[0]?.dispatchEvent(new Event('error'));
    await expect(first).rejects.toThrow('could not be loaded');
    const second = prepare('/sandbox/link.js', API);
    expect(tags()).toHaveLength(1);
    Reflect.set(window, 'Plaid', {});
    tags()[0]?.dispatchEvent(new Event('load'));
    await second;
  });

  it('takes a relative apiUrl as the page’s own origin', async () => {
    const prepare = await freshPrepare();
    await expect(prepare('https://api.test/x.js', '')).rejects.toThrow(window.location.origin);
  });
});
