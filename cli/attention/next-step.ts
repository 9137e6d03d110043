export type NextStep = {
  readonly step: string;
  readonly what: string;
  /** Command lines to type, or a page to read. */
  readonly how: readonly string[];
};

export const SUTURE = 'npm run -s suture --';

/** Returns the step if there is anything to do. */
export const given = (
  number: number,
  step: string,
  what: string,
  commands: readonly string[],
  pages: readonly string[] = [],
): NextStep[] => (number > 0 ? [{ step, what, how: [...commands.map((each) => `${SUTURE} ${each}`), ...pages] }] : []);
