import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    globals: true,
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/vitest-setup.ts'],
    restoreMocks: true,
    testTimeout: 10_000,
    // react-plaid-link keeps its loaded scripts in a module-level map; inlined, a test can reset it.
    server: { deps: { inline: ['react-plaid-link'] } },
  },
});
