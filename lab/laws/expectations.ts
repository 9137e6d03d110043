/** Expectations that several laws share. */
import type { EngineResult } from '../../functions/remediate/engine.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { unexpectedResultAdvice } from './author-advice.ts';
import { jsonText, LawBroken, must } from './law.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { type LocatedRecord, recordOf } from './target-records.ts';
import { differenceLines, type WorldDifference, worldDifferences } from './world.ts';

/** The execution of a second request: a plan after the fix, a rollback. */
export const OTHER_EXECUTION = { execution: 'arn:execution:2' } as const;

export function mustEndAsExpected(
  { scenario }: ArrangedScenario,
  result: EngineResult | undefined,
  where = 'apply',
): void {
  const { expected } = scenario;
  const kind = { FIXED: 'fixed', COMPLIANT: 'compliant', REFUSED: 'refused' }[expected];
  const advice = unexpectedResultAdvice(scenario, result);
  must(
    result?.kind === kind,
    `${where}: answers ${jsonText(result)}, not ${kind}: the scenario expects ${expected}${advice}`,
  );
}

/** @throws LawBroken if anything in the whole world has changed */
export function mustLeaveWorld({ sandbox }: ProofSandbox, before: Snapshot, after: Snapshot, what: string): void {
  mustBeNone(worldDifferences(sandbox, before, after), `${what} (before → after):`);
}

/** @throws LawBroken if anything in the whole world but these records has changed */
export function mustChangeOnly(
  { sandbox }: ProofSandbox,
  records: readonly LocatedRecord[],
  before: Snapshot,
  after: Snapshot,
  what: string,
): void {
  const outside = worldDifferences(sandbox, before, after).filter((difference) => !recordOf(records, difference));
  mustBeNone(outside, `${what} (before → after):`);
}

/** @throws LawBroken if the worlds differ in more than what AWS generates in these records */
export function mustBeSameWorld(
  { sandbox }: ProofSandbox,
  records: readonly LocatedRecord[],
  expected: Snapshot,
  actual: Snapshot,
  what: string,
): void {
  mustBeNone(realDifferences(worldDifferences(sandbox, expected, actual), records), `${what} (expected → actual):`);
}

/**
 * Leaves out what AWS generates in these records. In other records, such a difference shows that AWS created them
 * again.
 */
export const realDifferences = (
  differences: readonly WorldDifference[],
  records: readonly LocatedRecord[],
): WorldDifference[] => differences.filter((difference) => !(difference.isGenerated && recordOf(records, difference)));

export function mustBeNone(differences: readonly WorldDifference[], message: string): void {
  if (differences.length > 0) throw new LawBroken([message, ...differenceLines(differences)].join('\n  '));
}
