/** Expectations that several laws share. */
import { isDeepStrictEqual } from 'node:util';
import type { EngineResult } from '../../functions/remediate/engine.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { differences } from './differences.ts';
import { LawBroken, must, shown } from './law.ts';

/** The execution of a second request: a plan after the fix, a rollback. */
export const OTHER_EXECUTION = { execution: 'arn:execution:2' } as const;

export function mustEndAsExpected(
  { scenario: { expected } }: ArrangedScenario,
  result: EngineResult | undefined,
  where = 'apply',
): void {
  const kind = { FIXED: 'fixed', COMPLIANT: 'compliant', REFUSED: 'refused' }[expected];
  must(result?.kind === kind, `${where}: answers ${shown(result)}, not ${kind}: the scenario expects ${expected}`);
}

/** Each session adds credentials to STS; everything else must stay equal. */
export function mustLeaveWorld(before: Snapshot, after: Snapshot, what: string): void {
  for (const [place, state] of after) {
    if (place.startsWith('sts ') || !before.has(place) || isDeepStrictEqual(state, before.get(place))) continue;
    throw new LawBroken([`${what} ${place}:`, ...differences(before.get(place), state)].join('\n  '));
  }
}
