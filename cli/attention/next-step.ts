import { SUTURE } from '../output/suture-command.ts';

export type NextStep = {
  readonly step: string;
  readonly what: string;
  /** Command lines to type, or a page to read. */
  readonly how: readonly string[];
};

export type StepDraft = Pick<NextStep, 'step' | 'what'> & {
  /** Command lines after `suture`. */
  readonly commands: readonly string[];
  readonly pages?: readonly string[];
};

/** Returns the step, or none if the count is 0. */
export const stepsIf = (count: number, { step, what, commands, pages = [] }: StepDraft): NextStep[] =>
  count > 0 ? [{ step, what, how: [...commands.map((each) => `${SUTURE} ${each}`), ...pages] }] : [];
