import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './test/helpers/totals-reporter.ts'],
    projects: [
      {
        test: { name: 'unit', include: ['test/{unit,faults}/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
