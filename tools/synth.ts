import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { assembly, SynthesisError } from '../stacks/assembly.ts';
import { configuredPackages, joinPackages } from '../stacks/packages/join.ts';
import { PackageError } from '../stacks/packages/package-error.ts';
import { toolOptions } from './tool-options.ts';

const { force } = toolOptions(
  'npm run synth [-- --force]\n\nSynthesizes and validates the stacks into cdk.out, unless nothing has changed; with --force in any case.',
  { force: { type: 'boolean' } },
);
try {
  const { directory, reused, seconds } = await assembly({ validate: true, force });
  console.log(`${directory} ${reused ? 'is up to date' : 'synthesized'} (${seconds.toFixed(1)} s)`);
  if (configuredPackages().length > 0)
    console.log(`${await writePolicySchema(directory)} knows the controls of packages`);
} catch (error) {
  if (!(error instanceof SynthesisError || error instanceof PackageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Writes the schema of policy.yaml with the controls of packages, which the one in `docs/reference` lacks. */
async function writePolicySchema(directory: string): Promise<string> {
  await joinPackages();
  const { REMEDIATIONS } = await import('../functions/remediations/registry.generated.ts');
  const { policySchema } = await import('./generators/policy-schema.ts');
  const file = join(directory, 'policy.schema.json');
  writeFileSync(file, policySchema(REMEDIATIONS));
  return relative(process.cwd(), file);
}
