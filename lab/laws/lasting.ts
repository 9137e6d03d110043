/** The end of a rollback: the world as before, except for what the scenario names as lasting. */
import type { LastingChange } from '../../functions/contract/scenario.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { mustBeNone, realDifferences } from './expectations.ts';
import { must } from './law.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { type LocatedRecord, recordOf } from './target-records.ts';
import { type WorldDifference, worldDifferences } from './world.ts';

/** @throws LawBroken naming what is not restored, or a lasting change that the fix does not make */
export function mustRestoreWorld(
  { sandbox }: ProofSandbox,
  { scenario: { lasting = [] }, world }: ArrangedScenario,
  records: readonly LocatedRecord[],
  restored: Snapshot,
): void {
  const left = realDifferences(worldDifferences(sandbox, world, restored), records);
  const isLasting = (difference: WorldDifference) => lasting.some((change) => isAt(change, difference, records));
  mustBeNone(
    left.filter((difference) => !isLasting(difference)),
    'rollback does not restore the world before the fix (before → after):',
  );
  for (const change of lasting)
    must(
      left.some((difference) => isAt(change, difference, records)),
      `the scenario names "${change.path}" as lasting, but it is as before the fix: remove it there`,
    );
}

function isAt({ path }: LastingChange, difference: WorldDifference, records: readonly LocatedRecord[]): boolean {
  const record = recordOf(records, difference);
  if (!record) return false;
  const members = difference.path.slice(record.path.length);
  if (path === '') return members.length === 0;
  return path.split('.').every((name, n) => name === members[n] || (name === '*' && members[n] !== undefined));
}
