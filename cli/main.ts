#!/usr/bin/env node
/** The executable of the package @suture/cli: the commands that need neither the sandbox nor the stacks. */
import module from 'node:module';

// Node 20 has no compile cache.
module.enableCompileCache?.();

const { runSuture } = await import('./program.ts');
const { COMMANDS } = await import('./commands.generated.ts');
await runSuture(
  process.argv,
  COMMANDS.filter(({ name }) => name !== 'member-template'),
);
