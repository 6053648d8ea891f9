import { defineConfig } from 'tsdown';

const shared = {
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  target: 'es2022',
  platform: 'neutral',
  sourcemap: true,
  outDir: 'dist',
  // A 'use client' line inside a source file is dropped by the bundler; as { js } it stays out of the .d.ts files.
  banner: { js: "'use client';" },
} as const;

export default defineConfig([
  // One file per module: react-plaid-link is not marked free of side effects, so a single file could not be shaken.
  { ...shared, format: 'esm', unbundle: true, dts: true, copy: [{ from: 'src/styles.css', to: 'dist' }] },
  { ...shared, format: 'cjs', dts: true, clean: false },
]);
