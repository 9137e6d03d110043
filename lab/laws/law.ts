/** The form of a law, and of the error that names how a remediation breaks it. */
import type { ArrangedScenario } from './arranged-scenario.ts';
import { differences } from './differences.ts';
import type { ProofSandbox } from './proof-sandbox.ts';

export type Law = {
  /** The law's name in `skips`, in the catalogue and in the output of `npm run prove`. */
  readonly name: string;
  readonly group: LawGroup;
  readonly title: string;
  /**
   * Returns how many cases it proved, such as the calls with a fault; undefined for one.
   * @throws LawBroken, or the error with which the remediation failed
   */
  prove(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> | Promise<number>;
};

/** Laws of a group are proven one after the other and reported together. */
export type LawGroup = 'fix and undo' | 'crashes' | 'faults of AWS';

/** A law that does not hold. The message says what happened, and lists each difference from the expected state. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken';
}

export function must(holds: boolean, message: string): asserts holds {
  if (!holds) throw new LawBroken(message);
}

/** @throws LawBroken with the differences of two states, if they are not the same to AWS */
export function mustBeSame(actual: unknown, expected: unknown, message: string): void {
  const changes = differences(expected, actual);
  if (changes.length > 0) throw new LawBroken([message, ...changes].join('\n  '));
}

export const jsonText = (value: unknown): string => JSON.stringify(value);
