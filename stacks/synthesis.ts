/** Synthesizes the stacks of `cdk.json` with the functions' bundles. Checks them with cdk-nag where they are validated. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { App, Aspects, Stack, Validations } from 'aws-cdk-lib';
import type { Remediation } from '../functions/contract/remediation.ts';
import { addStacks } from './app.ts';
import { BoundaryError, checkBoundaries } from './boundary-acknowledgement.ts';
import { bundlesIn } from './bundle-code.ts';
import { buildBundles } from './bundles.ts';
import { readContext, type SutureContext } from './context.ts';
import { BUNDLES, forgetInputs } from './inputs.ts';
import { checkedPackages } from './packages/check.ts';
import { PackageError } from './packages/package-error.ts';
import type { RemediationPackage } from './packages/remediation-package.ts';
import { readPolicy } from './policy.ts';
import { reportStep } from './progress.ts';

/**
 * Synthesizes the app. Prints the reason and ends the process with 1 if packages are faulty or nobody acknowledged a
 * boundary.
 * @param bundled resolves when the bundles were built ahead, or could not be; then they are built here
 */
export async function synthesize(bundled: Promise<void>): Promise<void> {
  // The CDK leaves out its own validation with this variable; see assembly.ts.
  const validates = process.env.CDK_VALIDATION !== 'false';
  const app = new App({ analyticsReporting: false, stackTraces: validates });
  // This run overwrites the assembly, so the record of its inputs in assembly.ts no longer describes it.
  await forgetInputs(app.outdir);
  const context = readContext(app.node);
  const { packages, remediations } = await remediationsOrExit(context);
  await bundled;
  await buildBundles(remediations, { packages });
  reportTemplates(app);
  const policy = readPolicy(fileURLToPath(new URL('../policy.yaml', import.meta.url)), remediations);
  addStacks(app, { context, remediations, policy, bundles: bundlesIn(BUNDLES) });
  if (validates) await addNag(app);
  app.synth();
  // Collects esbuild, which has ended, so that its processor time counts as this process's.
  await nextTurn();
}

type Checked = { readonly packages: readonly RemediationPackage[]; readonly remediations: readonly Remediation[] };

async function remediationsOrExit(context: SutureContext): Promise<Checked> {
  try {
    const packages = await checkedPackages(context.remediations);
    const { REMEDIATIONS } = await import('../functions/remediations/registry.generated.ts');
    checkBoundaries(context, REMEDIATIONS);
    return { packages, remediations: REMEDIATIONS };
  } catch (error) {
    if (!(error instanceof PackageError || error instanceof BoundaryError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

function reportTemplates(app: App): void {
  Aspects.of(app).add({
    visit: (node) => {
      if (node === app) reportStep(`templates of ${app.node.findAll().filter(Stack.isStack).length} stacks`);
    },
  });
}

async function addNag(app: App): Promise<void> {
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
