import { enableCompileCache } from 'node:module';

// Halves the load time of a command's SDK clients.
enableCompileCache();

const { joinPackages } = await import('../stacks/packages/join.ts');
await joinPackages();

const { runSuture } = await import('../cli/program.ts');
const { COMMANDS } = await import('../cli/commands.generated.ts');
const { SIMULATE_ENTRY } = await import('../lab/simulate/entry.ts');
const { typedInClone, typeWith } = await import('../cli/output/as-typed.ts');
const ENTRIES = [...COMMANDS, SIMULATE_ENTRY];
typeWith(typedInClone(ENTRIES.map(({ name }) => name)));
await runSuture(process.argv, ENTRIES);
