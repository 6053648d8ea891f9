// Renders the built package on the server, from its ESM and its CJS form: no window is touched, both answer alike.
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import * as esm from '@openledger-server/accounting-react';

const cjs = createRequire(import.meta.url)('@openledger-server/accounting-react');
const pages = [esm, cjs].map(({ OpenLedgerProvider, OpenLedgerView, BankLinking, Rules }) =>
  renderToString(
    h(
      OpenLedgerProvider,
      { apiUrl: 'http://api.invalid', entityId: 'e1', authToken: 't' },
      h(OpenLedgerView),
      h(BankLinking),
      h(Rules),
    ),
  ),
);
assert.equal(pages[0], pages[1]);
assert.match(pages[0], /Bank connections/);
assert.match(pages[0], /Loading this part of the page/);
assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort());
console.log(`server rendering ok in both formats, ${Object.keys(esm).length} exports`);
