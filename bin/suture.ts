import { enableCompileCache } from 'node:module';

// Halves the load time of a command's SDK clients.
enableCompileCache();

const { joinPackages } = await import('../stacks/packages/join.ts');
await joinPackages();

const { runSuture } = await import('../cli/program.ts');
const { COMMANDS } = await import('../cli/commands.generated.ts');
const { SIMULATE_ENTRY } = await import('../lab/simulate/entry.ts');
await runSuture(process.argv, [...COMMANDS, SIMULATE_ENTRY]);
