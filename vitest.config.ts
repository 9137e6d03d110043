import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const PIPELINE = 'test/pipeline/**/*.test.ts';
/** About the run as a whole, after everything else. */
const WHOLE = 'test/whole/**/*.test.ts';

const setupFiles = ['test/support/used-statements.ts'];

export default defineConfig({
  test: {
    // Vitest keeps one core for itself, which halves a machine of two.
    maxWorkers: availableParallelism(),
    // Limits for what hangs, far beyond what a busy machine needs. No test has a shorter one.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // CDK's validation of templates takes longer than most tests; stacks/assembly.ts does it, and fails where it finds something.
    env: { CDK_VALIDATION: 'false' },
    globalSetup: 'test/support/run.ts',
    projects: [
      // Each file has a sandbox of its own; what they import costs more than starting one, so they share it.
      { extends: true, test: { name: 'pipeline', include: [PIPELINE], isolate: false, setupFiles } },
      {
        extends: true,
        test: {
          name: 'suture',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, PIPELINE, WHOLE],
          setupFiles,
        },
      },
      { extends: true, test: { name: 'whole', include: [WHOLE], sequence: { groupOrder: 1 } } },
    ],
  },
});
