/** The CDK app for `npx cdk synth` and `npx cdk deploy <stack>`. */
import { bundleAhead } from '../stacks/bundles-ahead.ts';
import { reportStep } from '../stacks/progress.ts';

reportStep('bundles of the functions (later runs reuse them)');
const bundled = bundleAhead();
const { synthesize } = await import('../stacks/synthesis.ts');
await synthesize(bundled);
