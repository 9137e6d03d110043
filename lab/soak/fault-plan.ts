/** Random faults from a seed: failing calls of Suture's functions and of their callers, and wrong clocks. */

import type { FaultableCall, FaultRule } from '../../sandbox/kernel/fault.ts';
import { OUTAGE, seededFaults, throttled, transactionConflict } from '../../sandbox/kernel/faults.ts';
import { randomness } from '../../sandbox/kernel/random.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';

const CALLER_ROLES = new RegExp(`/(${LAB_NAMES.stateMachine}|${LAB_NAMES.own('finding-rules')})$`);

const isFunctionCall = ({ instance }: FaultableCall): boolean => instance !== undefined;
/** Returns whether a function, the workflow or a rule calls; not Lambda, which polls queues with a function's role. */
export const isSutureCall = (call: FaultableCall): boolean =>
  isFunctionCall(call) || (call.principal.kind === 'session' && CALLER_ROLES.test(call.principal.role));

const BEYOND_TIMEOUT_SECONDS = 1200;
const MAX_SKEW_MS = 5 * 60_000;

export function randomClockSkews(seed: number): () => number {
  const { random } = randomness(seed);
  return () => (random() < 1 / 3 ? Math.round((random() * 2 - 1) * MAX_SKEW_MS) : 0);
}

/**
 * Returns a rule by which eleven of a hundred calls fail, in nine ways, and the counts of failed calls by kind of
 * fault.
 */
export function randomFaults(seed: number): { readonly rule: FaultRule; readonly counts: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  const chance = (share: number, name: string, fault: FaultRule, only = isFunctionCall) => ({
    share,
    fault: countingFault(counts, name, fault),
    only,
  });
  const rule = seededFaults(seed, [
    chance(0.04, 'throttled', throttled, isSutureCall),
    chance(0.01, 'outage', () => OUTAGE, isSutureCall),
    chance(0.03, 'transaction conflict', transactionConflict),
    chance(0.01, 'cut before', () => ({ kind: 'dropBefore' })),
    chance(0.01, 'cut after', () => ({ kind: 'dropAfter' })),
    chance(0.004, 'killed before', () => ({ kind: 'killBefore' })),
    chance(0.004, 'killed after', () => ({ kind: 'killAfter' })),
    chance(
      0.002,
      'timed out',
      () => ({ kind: 'late', seconds: BEYOND_TIMEOUT_SECONDS }),
      (call) => isFunctionCall(call) && call.operation !== 'Invoke',
    ),
    chance(0.01, 'clock skew', () => ({ kind: 'error', code: 'RequestTimeTooSkewed', status: 403 })),
  ]);
  return { rule, counts };
}

const countingFault =
  (counts: Map<string, number>, name: string, rule: FaultRule): FaultRule =>
  (call) => {
    const fault = rule(call);
    if (fault) counts.set(name, (counts.get(name) ?? 0) + 1);
    return fault;
  };
