/** The faults of a soak: by chance from a seed, over every call of Suture's functions and of what calls them. */

import { outage, seededFaults, throttled, transactionConflict } from '../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { randomness } from '../../sandbox/kernel/random.ts';

type Call = Parameters<FaultRule>[0];

const SERVICES_OWN = /\/suture-(remediate-finding|finding-rules)$/;

const isOfFunction = ({ instance }: Call): boolean => instance !== undefined;
/** Calls of functions, of the workflow and of the rules; not those of Lambda itself, which reads queues in a function's name. */
export const isOurs = (call: Call): boolean =>
  isOfFunction(call) || (call.principal.kind === 'session' && SERVICES_OWN.test(call.principal.role));

/** Seconds after which every function has reached its time-out. */
const TOO_LATE = 1200;

const MINUTE = 60_000;

/** Milliseconds by which the clock of each function instance is ahead: of every third, up to five minutes either way. */
export function clocks(seed: number): () => number {
  const { random } = randomness(seed);
  return () => (random() < 1 / 3 ? Math.round((random() * 2 - 1) * 5 * MINUTE) : 0);
}

/** Some eleven of a hundred calls go wrong, each in one of nine ways. `met` counts them by kind. */
export function plague(seed: number): { readonly rule: FaultRule; readonly met: ReadonlyMap<string, number> } {
  const met = new Map<string, number>();
  const counted =
    (name: string, fault: FaultRule): FaultRule =>
    (call) => {
      const found = fault(call);
      if (found) met.set(name, (met.get(name) ?? 0) + 1);
      return found;
    };
  const chance = (share: number, name: string, fault: FaultRule, only = isOfFunction) => ({
    share,
    fault: counted(name, fault),
    only,
  });
  const rule = seededFaults(seed, [
    chance(0.04, 'throttled', throttled, isOurs),
    chance(0.01, 'outage', () => outage, isOurs),
    chance(0.03, 'transaction conflict', transactionConflict),
    chance(0.01, 'cut before', () => ({ kind: 'cutBefore' })),
    chance(0.01, 'cut after', () => ({ kind: 'cutAfter' })),
    chance(0.004, 'killed before', () => ({ kind: 'killBefore' })),
    chance(0.004, 'killed after', () => ({ kind: 'killAfter' })),
    chance(
      0.002,
      'timed out',
      () => ({ kind: 'late', seconds: TOO_LATE }),
      (call) => isOfFunction(call) && call.operation !== 'Invoke',
    ),
    chance(0.01, 'clock skew', () => ({ kind: 'error', code: 'RequestTimeTooSkewed', status: 403 })),
  ]);
  return { rule, met };
}
