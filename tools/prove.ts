/** `npm run prove -- <remediation> [--verbose] [--watch] [--json]`; `--help` explains it. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// This comes before any other import, because compiling the SDK's clients takes most of the time of a start.
enableCompileCache(fileURLToPath(new URL('../.build/compile-cache', import.meta.url)));
const { proveOptions } = await import('./prove/options.ts');
const options = await proveOptions(process.argv.slice(2));
if ('message' in options) {
  (options.exitCode === 0 ? console.log : console.error)(options.message);
  process.exitCode = options.exitCode;
} else {
  const { runProve } = await import('./prove/main.ts');
  process.exitCode = await runProve(options);
}
