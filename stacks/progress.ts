/** The progress of a synthesis, which the CDK app sends to the process that started it. */

/** A message of the app. */
export type SynthesisStep = { readonly step: string };

/** Nobody listens in `npx cdk synth`. */
export const reportStep = (step: string): void => void process.send?.({ step } satisfies SynthesisStep);
