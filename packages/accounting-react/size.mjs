// Fails when a bundle grows over its budget: minified, gzip -9, React left out, as a host's bundler would do it.
// What a page carries from the start is counted apart from what it fetches when it is first shown (src/lazy.ts).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const EVERYTHING = `export * from './dist/index.js';`;
const BUDGETS = [
  ['provider alone', `export { OpenLedgerProvider } from './dist/index.js'`, 5_000],
  ['bank linking', `export { OpenLedgerProvider, BankLinking } from './dist/index.js'`, 15_000],
  ['profit and loss', `export { OpenLedgerProvider, ProfitAndLoss } from './dist/index.js'`, 13_000],
  ['everything, from the start', EVERYTHING, 40_000],
];
const WHEN_FIRST_SHOWN = 10_000;
const parts = new Set();

/** Leaves out what is fetched later, and notes it. */
const later = {
  name: 'later',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import') return undefined;
      parts.add(path);
      return { path, external: true };
    });
  },
};

async function packed(source) {
  const result = await build({
    stdin: { contents: source, resolveDir: HERE },
    plugins: [later],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    // As Vite and Rollup resolve react-plaid-link; webpack takes its UMD form, 0.8 kB more.
    mainFields: ['module', 'main'],
    external: ['react', 'react-dom', 'react/jsx-runtime'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
}

const css = await transform(await readFile(`${HERE}dist/styles.css`, 'utf8'), { loader: 'css', minify: true });
const sizes = [['styles.css', gzipSync(css.code, { level: 9 }).length, 8_000]];
for (const [name, source, budget] of BUDGETS) sizes.push([name, await packed(source), budget]);
const start = await packed(EVERYTHING);
for (const part of parts) {
  const name = part.replace(/^.*\/|\.js$/g, '');
  const withPart = await packed(`${EVERYTHING} export * as part from './dist/${part}';`);
  sizes.push([`${name}, when first shown`, withPart - start, WHEN_FIRST_SHOWN]);
}
for (const [name, size, budget] of sizes) {
  const verdict = size <= budget ? 'ok' : 'OVER BUDGET';
  console.log(`${name.padEnd(42)} ${String(size).padStart(6)} of ${String(budget).padStart(6)} bytes  ${verdict}`);
}
if (parts.size === 0) throw new Error('Nothing is fetched later: src/lazy.ts or this check is broken.');
process.exitCode = sizes.every(([, size, budget]) => size <= budget) ? 0 : 1;
