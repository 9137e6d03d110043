/** `npm run prove -- <remediation> [--watch] [--json]`; `--help` explains it. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Before any other import: compiling the SDK's clients takes most of a run's start.
enableCompileCache(fileURLToPath(new URL('../.build/compile-cache', import.meta.url)));
const { proveOptions } = await import('./prove/options.ts');
const options = proveOptions(process.argv.slice(2));
if ('message' in options) {
  (options.code === 0 ? console.log : console.error)(options.message);
  process.exitCode = options.code;
} else {
  const { runProve } = await import('./prove/main.ts');
  process.exitCode = await runProve(options);
}
