import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const PIPELINE = 'test/pipeline/**/*.test.ts';

export default defineConfig({
  test: {
    // Vitest keeps one core for itself, which halves a machine of two.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 120_000,
    projects: [
      // Each file has a sandbox of its own; what they import costs more than starting one, so they share it.
      { extends: true, test: { name: 'pipeline', include: [PIPELINE], isolate: false } },
      {
        extends: true,
        test: { name: 'suture', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, PIPELINE] },
      },
    ],
  },
});
