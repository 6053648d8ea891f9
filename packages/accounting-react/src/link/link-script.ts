/** Loads the sandbox's stand-in for Plaid Link. In production there is none, and react-plaid-link loads Plaid's own. */

/** Where react-plaid-link 5 loads Link from; pinned by a test, as a Content-Security-Policy has to name it. */
export const PLAID_CDN_SCRIPT = 'https://cdn.plaid.com/link/v2/stable/link-initialize.js';

const loaded = new Map<string, Promise<void>>();

/**
 * Resolves once `window.Plaid` is there to use; must be awaited before the first render of `usePlaidLink`.
 *
 * A script named by an answer runs with the page's rights, so it is taken from the API's own origin only.
 *
 * @param url `link_script_url` of create-link: absolute or relative to the API; null means Plaid's own script
 * @param apiUrl the provider's `apiUrl`
 * @throws Error when the script is on another origin, could not be loaded, or did not define `window.Plaid`
 */
export function prepareLinkScript(url: string | null | undefined, apiUrl: string, nonce?: string): Promise<void> {
  if (url === null || url === undefined) return Promise.resolve();
  const api = new URL(apiUrl === '' ? '/' : apiUrl, document.baseURI);
  const script = new URL(url, api);
  if (script.origin !== api.origin) {
    return Promise.reject(new Error(`The Link script ${script.href} is not on the API's origin ${api.origin}.`));
  }
  const known = loaded.get(script.href);
  if (known !== undefined) return known;
  const loading = load(script.href, nonce);
  loaded.set(script.href, loading);
  loading.catch(() => loaded.delete(script.href));
  return loading;
}

function load(href: string, nonce: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = href;
    if (nonce !== undefined) tag.nonce = nonce;
    tag.onload = () => {
      if ('Plaid' in window) resolve();
      else reject(new Error(`The Link script ${href} did not define window.Plaid.`));
    };
    tag.onerror = () => {
      tag.remove();
      reject(new Error(`The Link script ${href} could not be loaded.`));
    };
    document.head.append(tag);
  });
}
