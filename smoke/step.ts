import type { Smoke } from './smoke.ts';

/** Something that exists during the run alone. Its name is fixed, so that a later run finds what a killed one left. */
export type SmokeCreation = {
  readonly what: string;
  /** Removes it if it exists, also one of an earlier run. Must be idempotent. */
  readonly remove: (smoke: Smoke) => Promise<void>;
};

export type SmokeStep = {
  /** `docs/unproven.md` names it beside the guesses that the step proves. */
  readonly id: string;
  readonly proves: string;
  readonly calls: readonly string[];
  readonly creates: readonly SmokeCreation[];
  /**
   * Returns facts about AWS that the run found.
   * @throws Error whose message says what AWS did instead
   */
  readonly run: (smoke: Smoke) => Promise<readonly string[]>;
};
