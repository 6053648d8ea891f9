import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The server to use while developing; `openledger demo` prints its address.
const server = process.env['OPENLEDGER_URL'] ?? 'http://127.0.0.1:8080';

function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../packages/accounting-react/src/${path}`, import.meta.url));
}

export default defineConfig({
  // Relative, so that the built files work under any path of any server.
  base: './',
  plugins: [react()],
  server: { proxy: Object.fromEntries(['/v1', '/demo', '/sandbox', '/health'].map((path) => [path, server])) },
  test: {
    environment: 'jsdom',
    globals: true,
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
    restoreMocks: true,
    testTimeout: 10_000,
    // The package's sources, so that its tests and the demo's need no build before.
    alias: [
      { find: /^@openledger-server\/accounting-react\/testing$/, replacement: packageFile('testing/index.ts') },
      { find: /^@openledger-server\/accounting-react$/, replacement: packageFile('index.ts') },
    ],
  },
});
