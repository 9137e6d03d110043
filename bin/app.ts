/**
 * The CDK app for `npx cdk synth` and `npx cdk deploy <stack>`. Bundles the functions and checks the stacks with
 * cdk-nag.
 */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { addStacks } from '../stacks/app.ts';
import { BoundaryError, checkBoundaries } from '../stacks/boundary-acknowledgement.ts';
import { buildBundles } from '../stacks/bundles.ts';
import { readContext } from '../stacks/context.ts';
import { BUNDLES, forgetInputs } from '../stacks/inputs.ts';
import { checkedPackages } from '../stacks/packages/check.ts';
import { PackageError } from '../stacks/packages/package-error.ts';
import { readPolicy } from '../stacks/policy.ts';
import { reportSteps } from '../stacks/progress.ts';

const app = new App({ analyticsReporting: false });
// This run overwrites the assembly, so the record of its inputs in stacks/assembly.ts no longer describes it.
await forgetInputs(app.outdir);

const context = readContext(app.node);
const packages = await checkedPackages(context.remediations).catch((error) => {
  if (!(error instanceof PackageError)) throw error;
  console.error(error.message);
  process.exit(1);
});
const { REMEDIATIONS } = await import('../functions/remediations/registry.generated.ts');
try {
  checkBoundaries(context, REMEDIATIONS);
} catch (error) {
  if (!(error instanceof BoundaryError)) throw error;
  console.error(error.message);
  process.exit(1);
}
const policy = readPolicy(fileURLToPath(new URL('../policy.yaml', import.meta.url)), REMEDIATIONS);
reportSteps(app);
await buildBundles(REMEDIATIONS, { packages });
addStacks(app, { context, remediations: REMEDIATIONS, policy, bundles: (name) => Code.fromAsset(join(BUNDLES, name)) });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
// Collects esbuild, which has ended, so that its processor time counts as this process's.
await nextTurn();
