#!/usr/bin/env node
/** The executable of the package @suture/cli: the commands that need neither the sandbox nor the stacks. */
import module from 'node:module';
import './node-20.ts';

// Node 20 has no compile cache.
module.enableCompileCache?.();

const { typeWith } = await import('./output/as-typed.ts');
const { runSuture } = await import('./program.ts');
const { COMMANDS } = await import('./commands.generated.ts');
const { addRepositoryCommands } = await import('./repository-commands.ts');
const { REPOSITORY_COMMANDS, withCommandsTyped } = await import('../functions/domain/command-names.ts');
typeWith(withCommandsTyped);
await runSuture(
  process.argv,
  COMMANDS.filter(({ name }) => !REPOSITORY_COMMANDS.some((each) => each === name)),
  addRepositoryCommands,
);
