/** All targets: each by itself, so that one's failure is its own. Then what became of them, for people and programs. */

import type { TargetAnswer } from '../contract/command.ts';
import { IP_RANGES_METRICS, type IpRangesTarget } from '../contract/targets.ts';
import type { Document } from '../planning/document.ts';
import { tokenOf } from '../planning/document.ts';
import { about } from './answer.ts';
import type { Outcome } from './update.ts';

/** Targets at work at once: most of their time they wait for AWS. */
const AT_ONCE = 5;

export type Ran = {
  readonly target: IpRangesTarget;
  readonly outcome?: Outcome;
  readonly error?: Error;
};

export async function runAll(
  targets: readonly IpRangesTarget[],
  one: (target: IpRangesTarget) => Promise<Outcome>,
): Promise<Ran[]> {
  const ran: Ran[] = [];
  const left = [...targets];
  const worker = async () => {
    for (let target = left.shift(); target; target = left.shift())
      try {
        ran.push({ target, outcome: await one(target) });
      } catch (error) {
        ran.push({ target, error: error instanceof Error ? error : new Error(String(error)) });
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ran.toSorted((a, b) => targets.indexOf(a.target) - targets.indexOf(b.target));
}

export const added = ({ outcome }: Ran): number => sum(outcome, ({ add }) => add?.length ?? 0);
export const removed = ({ outcome }: Ran): number => sum(outcome, ({ remove }) => remove?.length ?? 0);

const sum = (outcome: Outcome | undefined, of: (call: { add?: string[]; remove?: string[] }) => number): number =>
  outcome && 'calls' in outcome ? outcome.calls.reduce((all, call) => all + of(call), 0) : 0;

/** By name of the metric. */
export function figuresOf(ran: readonly Ran[], document: Document, now: number): Record<string, number> {
  const total = (of: (one: Ran) => number) => ran.reduce((all, one) => all + of(one), 0);
  const reached = (of: 'ranges' | 'groups') =>
    total(({ outcome }) => (outcome && 'figures' in outcome ? outcome.figures[of] : 0));
  return {
    [IP_RANGES_METRICS.ranges]: reached('ranges'),
    [IP_RANGES_METRICS.groups]: reached('groups'),
    [IP_RANGES_METRICS.added]: total(added),
    [IP_RANGES_METRICS.removed]: total(removed),
    [IP_RANGES_METRICS.refused]: total(({ error }) => Number(error?.name === 'DocumentRefused')),
    [IP_RANGES_METRICS.targetsFailed]: total(({ error }) => Number(error !== undefined)),
    [IP_RANGES_METRICS.age]: Math.max(0, Math.round(now / 1000 - tokenOf(document))),
  };
}

/** One target in the audit line, and in the answer to people. */
export function answerOf({ target, outcome, error }: Ran, document: Document): TargetAnswer {
  const base = about(target, document);
  if (error) return { ...base, error: { name: error.name, message: error.message } };
  if (outcome?.kind === 'superseded')
    return { ...base, notes: [`the target was brought to the newer syncToken ${outcome.by} already`] };
  const { calls, figures, notes } = outcome!;
  return { ...base, calls: [...calls], figures, notes: [...notes] };
}
