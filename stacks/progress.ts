/** The progress of a synthesis, which the CDK app sends to the process that started it. */

/** A message of the app. */
export type SynthesisStep = { readonly step: string };

/** Sends a step to the parent process. Does nothing in `npx cdk synth`, where no parent listens. */
export const reportStep = (step: string): void => void process.send?.({ step } satisfies SynthesisStep);
