import { assembly, SynthesisError } from '../stacks/assembly.ts';
import { PackageError } from '../stacks/packages/package-error.ts';

try {
  const { directory, reused, seconds } = await assembly({ force: process.argv.includes('--force') });
  console.log(`${directory} ${reused ? 'is up to date' : 'synthesized'} (${seconds.toFixed(1)} s)`);
} catch (error) {
  if (!(error instanceof SynthesisError || error instanceof PackageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
