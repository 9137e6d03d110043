#!/usr/bin/env node
/** The executable of the package @suture/cli: the commands that need neither the sandbox nor the stacks. */
import module from 'node:module';
import './node-20.ts';

// Node 20 has no compile cache.
module.enableCompileCache?.();

const { runSuture } = await import('./program.ts');
const { COMMANDS } = await import('./commands.generated.ts');
/** They read cdk.json, and what was synthesized. */
const REPOSITORY_COMMANDS: ReadonlySet<string> = new Set(['member-template', 'rollout']);
await runSuture(
  process.argv,
  COMMANDS.filter(({ name }) => !REPOSITORY_COMMANDS.has(name)),
);
