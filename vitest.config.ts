import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Warnings are about other people's source maps.
  logLevel: 'error',
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // It imports JSON as only bundlers do.
    server: { deps: { inline: [/@actions\/workflow-parser/] } },
  },
});
