/** The operators' command line, with the command that runs the sandbox. */
import { enableCompileCache } from 'node:module';

// Compiled once, the SDK clients of a command load in half the time.
enableCompileCache();

const { runSuture } = await import('../cli/program.ts');
await runSuture(process.argv, [
  {
    name: 'simulate',
    usage: '[options] <file...>',
    summary: 'tell what would happen to findings, by running them through the deployed stacks in a sandbox',
    load: () => import('../lab/simulate/command.ts'),
  },
]);
