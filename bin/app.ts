/** The CDK app: `npx cdk synth`, `npx cdk deploy <stack>`. Bundles the functions, adds the stacks, checks them with cdk-nag. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { remediations } from '../functions/remediations/registry.generated.ts';
import { addStacks } from '../stacks/app.ts';
import { BUNDLES, buildBundles } from '../stacks/bundles.ts';
import { readContext } from '../stacks/context.ts';
import { readPolicy } from '../stacks/policy.ts';

const app = new App({ analyticsReporting: false });
// Whatever is synthesized here is no longer what stacks/assembly.ts remembers to have made.
rmSync(join(app.outdir, '.inputs'), { force: true });

const context = readContext(app.node);
const policy = readPolicy(fileURLToPath(new URL('../policy.yaml', import.meta.url)), remediations);
await buildBundles(remediations);
addStacks(app, { context, remediations, policy, bundles: (name) => Code.fromAsset(join(BUNDLES, name)) });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
