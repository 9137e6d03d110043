import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const PIPELINE = 'test/pipeline/**/*.test.ts';
/** Files that replace modules by mocks, which must not reach other files. */
const MOCKED = 'test/**/*.mocked.test.ts';
/** Formal faults of pages, commands and remediations; `npm run check` runs them too. */
const FORMAL = [
  'test/architecture.test.ts',
  'test/cli/commands.test.ts',
  'test/docs/**/*.test.ts',
  'test/functions/remediations/registry.test.ts',
];
/** Checks the run as a whole, after all other files. */
const WHOLE = 'test/whole/**/*.test.ts';

// Vitest's workers, and programs that tests start, inherit it: loading aws-cdk-lib and the SDK takes half as long.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

const setupFiles = ['test/support/used-statements.ts'];

export default defineConfig({
  test: {
    // Vitest's default leaves one core idle: half of a machine with two.
    maxWorkers: availableParallelism(),
    // Node runs the code as it is, as `npm start` does. Vite's runner would transform each module once for every project.
    experimental: { viteModuleRunner: false },
    // For hanging tests only: far beyond what a busy machine needs. No test has a shorter limit.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    env: {
      // CDK's validation of templates takes longer than most tests; stacks/assembly.ts does it, and fails where it finds something.
      CDK_VALIDATION: 'false',
      // Handlers that tests call in this process would log between the lines of progress.
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    },
    globalSetup: 'test/support/run.ts',
    reporters: ['./test/support/report/reporter.ts'],
    projects: [
      // Files share a process and its modules: loading the SDK and CDK for each file would cost more than most tests.
      { extends: true, test: { name: 'pipeline', include: [PIPELINE], isolate: false, setupFiles } },
      {
        extends: true,
        test: {
          name: 'suture',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...FORMAL, PIPELINE, WHOLE, MOCKED],
          isolate: false,
          setupFiles,
        },
      },
      { extends: true, test: { name: 'formal', include: FORMAL, isolate: false, setupFiles } },
      { extends: true, test: { name: 'mocked', include: [MOCKED], setupFiles } },
      { extends: true, test: { name: 'whole', include: [WHOLE], sequence: { groupOrder: 1 } } },
    ],
  },
});
