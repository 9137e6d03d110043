/** The progress of a synthesis, which the CDK app sends to the process that started it. */
import { type App, Aspects, Stack } from 'aws-cdk-lib';

/** A message of the app. */
export type SynthesisStep = { readonly step: string };

/** Reports the bundles, which are built first, then the templates. Nobody listens in `npx cdk synth`. */
export function reportSteps(app: App): void {
  const report = (step: string) => process.send?.({ step } satisfies SynthesisStep);
  report('bundles of the functions, which later runs reuse as all that follows');
  Aspects.of(app).add({
    visit: (node) => {
      if (node === app) report(`templates of ${app.node.findAll().filter(Stack.isStack).length} stacks`);
    },
  });
}
