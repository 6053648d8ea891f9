// The built demo on a made-up server: pages from apps/demo/dist, answers from the package's fixtures, a stub of Plaid Link.
// Usage: node tests/web/mock-server.mjs [scenario]   prints `ready on http://127.0.0.1:PORT`; SIGTERM ends it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFixtureFetch } from '../../packages/accounting-react/dist/testing/index.js';

const DIST = fileURLToPath(new URL('../../apps/demo/dist/', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
// As strict as the real server's.
const POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'";
const SCRIPT_PATH = '/sandbox/link/v2/stable/link-initialize.js';
const CDN = 'https://cdn.plaid.com/link/v2/stable/link-initialize.js';

/** Finishes at once: enough to see what the component does after Link. */
const STUB_LINK = `
window.Plaid = { create: (config) => ({
  open: () => setTimeout(() => config.onSuccess('public-sandbox-stub', { institution: null, accounts: [], link_session_id: 's' }), 300),
  exit: () => config.onExit(null, { institution: null, status: null, link_session_id: 's', request_id: 'r' }),
  destroy: () => {}, submit: () => {} }) };
const marker = document.createElement('script');
marker.type = 'application/x-plaid-link-stub';
marker.setAttribute('src', '${CDN}');
document.head.appendChild(marker);`;

const SESSION = {
  entity_id: 'ent_fixture',
  entity_name: 'Harbor Street Design Studio',
  developer_id: 'dev_fixture',
  access_token: 'fixture',
  token_type: 'Bearer',
  expires_in: 3600,
};

const scenario = process.argv[2] ?? 'connected';
const api = createFixtureFetch(scenario);

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function answerApi(request, response, url) {
  const body = await bodyOf(request);
  const answer = await api(url.href, { method: request.method, ...(body === '' ? {} : { body }) });
  let text = await answer.text();
  if (url.pathname === '/v1/banks/create-link')
    text = JSON.stringify({ ...JSON.parse(text), link_script_url: SCRIPT_PATH });
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
}

async function answerFile(response, pathname) {
  const path = normalize(join(DIST, pathname));
  const file = path.startsWith(DIST) && extname(path) !== '' ? path : join(DIST, 'index.html');
  try {
    const content = await readFile(file);
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock.invalid');
  if (url.pathname.startsWith('/v1/')) await answerApi(request, response, url);
  else if (url.pathname === SCRIPT_PATH) response.writeHead(200, { 'content-type': 'text/javascript' }).end(STUB_LINK);
  else if (url.pathname !== '/demo/session') await answerFile(response, url.pathname);
  else if (scenario === 'no-demo') response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(SESSION));
});
server.listen(0, '127.0.0.1', () => console.log(`ready on http://127.0.0.1:${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
