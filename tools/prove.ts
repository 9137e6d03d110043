/** `npm run prove -- <remediation> [--watch] [--json]` proves the laws of one remediation. `--help` explains it. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Before anything else is loaded: most of a run's start is compiling the SDK's clients.
enableCompileCache(fileURLToPath(new URL('../.build/compile-cache', import.meta.url)));
const { runProve } = await import('./prove/main.ts');
process.exitCode = await runProve(process.argv.slice(2));
