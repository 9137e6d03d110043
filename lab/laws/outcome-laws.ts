/** Laws about an undisturbed run: what plan, apply and rollback end with, and what they leave alone. */
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { unexpectedResultAdvice } from './author-advice.ts';
import { mustChangeOnly, mustEndAsExpected, mustLeaveWorld, OTHER_EXECUTION } from './expectations.ts';
import { mustRestoreWorld } from './lasting.ts';
import { jsonText, LawBroken, must } from './law.ts';
import { isMemberRecord } from './member-role.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { fixTargetOf, isDeclaredWildcard, isWithinTarget, passesNamedRole } from './target-records.ts';
import { type UndisturbedRun, undisturbedRun, writeCalls } from './undisturbed.ts';

export async function planReads(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const run = proof.start(arranged);
  const { calls } = proof.sandbox.kernel;
  const first = calls.length;
  const result = await run.invokeUntilSettled('plan');
  const { expected } = arranged.scenario;
  const kind = { FIXED: 'planned', COMPLIANT: 'compliant', REFUSED: 'refused' }[expected];
  mustLeaveWorld(proof, arranged.world, run.world(), 'plan changed');
  const advice = unexpectedResultAdvice(arranged.scenario, result);
  must(
    result?.kind === kind,
    `plan answers ${jsonText(result)}, not ${kind}: the scenario expects ${expected}${advice}`,
  );
  must(run.journal().length === 0, 'plan wrote to the journal');
  const writes = writeCalls(proof, calls.slice(first).filter(isMemberRecord));
  must(writes.length === 0, `plan calls ${writes.map(({ operation }) => operation).join(', ')}`);
}

export async function endsAsExpected(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const whole = await undisturbedRun(proof, arranged);
  mustEndAsExpected(arranged, whole.result);
  if (arranged.scenario.expected !== 'FIXED')
    return mustLeaveWorld(proof, arranged.world, whole.world, 'apply changed');
  const run = proof.goOn(arranged, whole);
  const again = await run.invokeUntilSettled('plan', OTHER_EXECUTION);
  mustLeaveWorld(proof, whole.world, run.world(), 'a second plan changed');
  must(again?.kind === 'compliant', `planned again after the fix, it answers ${jsonText(again)}, not compliant`);
}

export async function rollsBack(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  if (arranged.scenario.expected !== 'FIXED') return;
  const whole = await undisturbedRun(proof, arranged);
  mustEndAsExpected(arranged, whole.result);
  const run = proof.goOn(arranged, whole);
  const result = await run.invokeUntilSettled('rollback', OTHER_EXECUTION);
  const isRefused = isIrreversible(arranged.scenarios.remediation, whole);
  const kind = isRefused ? 'refused' : 'fixed';
  must(result?.kind === kind, `rollback answers ${jsonText(result)}, not ${kind}`);
  const world = run.world();
  if (isRefused) mustLeaveWorld(proof, whole.world, world, 'a refused rollback changed');
  mustRestoreWorld(proof, arranged, whole.records, world);
}

/** Returns whether the remediation declares that this change loses something for good. */
function isIrreversible({ irreversible, loses }: Remediation, { journal }: UndisturbedRun): boolean {
  const { before, after } = journal.at(-1)!;
  return (irreversible ?? loses?.(before, after)) !== undefined;
}

/**
 * Compares the worlds, then looks at the calls: a write may have been undone, or leave no trace in any state. Calls
 * that a service makes with a role that it was passed do not count.
 */
export async function leavesNeighbours(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { world, records, calls } = await undisturbedRun(proof, arranged);
  mustChangeOnly(proof, records, arranged.world, world, 'apply changed what is not the target');
  const target = fixTargetOf(arranged);
  const { place, scenario } = arranged;
  for (const { operation, error, role, decisions } of writeCalls(proof, calls))
    for (const decision of decisions.filter((each) => each.role === role)) {
      const { resource } = decision;
      if (error !== null || isDeclaredWildcard(target, decision)) continue;
      if (passesNamedRole(place, scenario.params ?? {}, decision)) continue;
      if (!isWithinTarget(proof.sandbox, target, records, resource))
        throw new LawBroken(`apply calls ${operation} on ${resource}, which is not the target`);
    }
}
