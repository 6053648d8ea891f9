#!/usr/bin/env bash
# Installs the packed package in a fresh app with React 18 and checks it as a strict host would:
# types without skipLibCheck, a production build, and rendering on the server. Needs the npm registry.
# Usage: bash tests/web/consumer.sh [react version], after `npm run build`.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
react=${1:-18}
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT

npm pack --silent --pack-destination "$app" -w @openledger-server/accounting-react --prefix "$root" >/dev/null
cd "$app"
cat >package.json <<'JSON'
{ "private": true, "type": "module" }
JSON
npm install --silent --no-save ./*.tgz "react@$react" "react-dom@$react" "@types/react@$react" "@types/react-dom@$react" \
  typescript@5.9.3 vite@8.3.8
cat >tsconfig.json <<'JSON'
{
  "compilerOptions": {
    "strict": true, "skipLibCheck": false, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true,
    "target": "ES2022", "lib": ["ES2022", "DOM", "DOM.Iterable"], "types": [],
    "module": "NodeNext", "moduleResolution": "NodeNext", "jsx": "react-jsx", "noEmit": true
  },
  "files": ["main.tsx"]
}
JSON
cat >main.tsx <<'TSX'
import { createRoot } from 'react-dom/client';
import { BankLinking, OpenLedgerProvider, OpenLedgerView, SettingsView } from '@openledger-server/accounting-react';
import { createFixtureFetch } from '@openledger-server/accounting-react/testing';

const token = { access_token: 't', token_type: 'Bearer', expires_in: 3600 };
createRoot(document.body).render(
  <OpenLedgerProvider apiUrl="https://api.invalid" entityId="e" accessToken={token} fetch={createFixtureFetch('connected')}>
    <BankLinking onSuccess={(accounts) => accounts.map(({ id }) => id.toUpperCase())} className="mine" />
    <SettingsView onError={(error) => error.requestId?.length} />
    <OpenLedgerView data-test="y" />
  </OpenLedgerProvider>,
);
TSX
echo '<script type="module" src="/main.tsx"></script>' >index.html
npx tsc -p .
npx vite build --logLevel error
cat >server.mjs <<'JS'
import { createRequire } from 'node:module';
import { createElement as h, version } from 'react';
import { renderToString } from 'react-dom/server';
import * as esm from '@openledger-server/accounting-react';
const cjs = createRequire(import.meta.url)('@openledger-server/accounting-react');
for (const { OpenLedgerProvider, BankLinking } of [esm, cjs]) {
  const page = renderToString(h(OpenLedgerProvider, { apiUrl: '/', entityId: 'e', authToken: 't' }, h(BankLinking)));
  if (!page.includes('Bank connections')) throw new Error('nothing was rendered');
}
console.log(`consumer ok: React ${version}, strict types, production build, server rendering`);
JS
node server.mjs
