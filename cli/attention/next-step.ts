import { SUTURE } from '../output/suture-command.ts';

export type NextStep = {
  readonly step: string;
  readonly summary: string;
  /** Command lines to type, or a page to read. */
  readonly instructions: readonly string[];
};

export type StepDraft = Pick<NextStep, 'step' | 'summary'> & {
  /** Command lines after `suture`. */
  readonly commands: readonly string[];
  readonly pages?: readonly string[];
};

/** Returns the step, or none if the count is 0. */
export const stepsIf = (count: number, { step, summary, commands, pages = [] }: StepDraft): NextStep[] =>
  count > 0 ? [{ step, summary, instructions: [...commands.map((each) => `${SUTURE} ${each}`), ...pages] }] : [];
