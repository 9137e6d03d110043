/** Faults by chance, from a seed: the same seed over the same calls gives the same faults. */
import type { Fault, FaultRule } from './kernel.ts';
import { randomness } from './random.ts';

export type Chance = {
  /** Share of the calls that meet this fault, 0 to 1. */
  readonly share: number;
  readonly fault: Fault;
  /** The calls that may meet it; default: all. */
  readonly only?: (call: Parameters<FaultRule>[0]) => boolean;
};

/** A rule for `kernel.faults`. Chances are tried in order; a call meets one fault at most. */
export function seededFaults(seed: number, chances: readonly Chance[]): FaultRule {
  const { random } = randomness(seed);
  return (call) => chances.find(({ share, only }) => (only?.(call) ?? true) && random() < share)?.fault;
}
