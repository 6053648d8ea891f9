// Fails when a bundle grows over its budget: minified, gzip -9, React left out, as a host's bundler would do it.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const BUDGETS = [
  ['provider alone', `export { OpenLedgerProvider } from './dist/index.js'`, 5_000],
  ['bank linking', `export { OpenLedgerProvider, BankLinking } from './dist/index.js'`, 13_000],
  ['profit and loss', `export { OpenLedgerProvider, ProfitAndLoss } from './dist/index.js'`, 13_000],
  ['everything', `export * from './dist/index.js'`, 45_000],
];

async function bundled(source) {
  const result = await build({
    stdin: { contents: source, resolveDir: HERE },
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
  return result.outputFiles[0].contents;
}

const css = await transform(await readFile(`${HERE}dist/styles.css`, 'utf8'), { loader: 'css', minify: true });
const sizes = [['styles.css', gzipSync(css.code, { level: 9 }).length, 8_000]];
for (const [name, source, budget] of BUDGETS) {
  sizes.push([name, gzipSync(await bundled(source), { level: 9 }).length, budget]);
}
for (const [name, size, budget] of sizes) {
  const verdict = size <= budget ? 'ok' : 'OVER BUDGET';
  console.log(`${name.padEnd(16)} ${String(size).padStart(6)} of ${String(budget).padStart(6)} bytes  ${verdict}`);
}
process.exitCode = sizes.every(([, size, budget]) => size <= budget) ? 0 : 1;
