/** Laws about an undisturbed run: what plan, apply and rollback end with, and what they leave alone. */
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { mustEndAsExpected, mustLeaveWorld, OTHER_EXECUTION } from './expectations.ts';
import { must, mustBeSame, shown } from './law.ts';
import { FINDING_PLACE } from './places.ts';
import type { ProofSandbox } from './proof-sandbox.ts';

export async function planReads(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const run = proof.start(arranged);
  const result = await run.invoke('plan');
  const { expected } = arranged.scenario;
  const kind = { FIXED: 'planned', COMPLIANT: 'compliant', REFUSED: 'refused' }[expected];
  must(result?.kind === kind, `plan answers ${shown(result)}, not ${kind}: the scenario expects ${expected}`);
  mustLeaveWorld(arranged.world, run.world(), 'plan changed');
  must(run.journal().length === 0, 'plan wrote to the journal');
}

export async function endsAsExpected(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const run = proof.start(arranged);
  mustEndAsExpected(arranged, await run.applyUntilSettled());
  if (arranged.scenario.expected !== 'FIXED') return mustLeaveWorld(arranged.world, run.world(), 'apply changed');
  const again = await run.invoke('plan', OTHER_EXECUTION);
  must(again?.kind === 'compliant', `planned again after the fix, it answers ${shown(again)}, not compliant`);
}

export async function rollsBack(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  if (arranged.scenario.expected !== 'FIXED') return;
  const run = proof.start(arranged);
  const before = await run.state();
  await run.applyUntilSettled();
  const after = await run.state();
  const world = run.world();
  const result = await run.invoke('rollback', OTHER_EXECUTION);
  if (isIrreversible(arranged.scenarios.remediation, before, after)) {
    must(result?.kind === 'refused', `rollback of an irreversible change answers ${shown(result)}, not refused`);
    return mustLeaveWorld(world, run.world(), 'a refused rollback changed');
  }
  must(result?.kind === 'fixed', `rollback answers ${shown(result)}, not fixed`);
  mustBeSame(await run.state(), before, 'rollback left another state than plan saw (expected → actual):');
}

/** Whether the remediation declares that this change loses something for good. */
const isIrreversible = (remediation: Remediation, before: unknown, after: unknown): boolean =>
  (remediation.irreversible ?? remediation.loses?.(before, after)) !== undefined;

export async function leavesNeighbours(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const run = proof.start(arranged);
  const before = await Promise.all(arranged.neighbours.map((each) => run.state(each)));
  await run.applyUntilSettled();
  if (arranged.scenario.expected === 'FIXED') await run.invoke('rollback', OTHER_EXECUTION);
  for (const [n, neighbour] of arranged.neighbours.entries())
    mustBeSame(await run.state(neighbour), before[n], `${neighbour.what} is changed (before → after):`);
  const { remediation } = arranged.scenarios;
  const outside = (world: ReadonlyMap<string, unknown>) =>
    new Map([...world].filter(([place]) => isOutside(place, remediation)));
  mustLeaveWorld(outside(arranged.world), outside(run.world()), 'apply and rollback changed');
}

/** States are named `<service> <partition> <account> <Region>`, as far as the service keeps them apart. */
function isOutside(state: string, remediation: Remediation): boolean {
  const [, , account, region] = state.split(' ');
  if (account === undefined || account === '') return false;
  const isOtherRegion = region !== undefined && region !== FINDING_PLACE.region;
  return account !== FINDING_PLACE.account || (isOtherRegion && !remediation.global);
}

export async function survivesCrashes(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const whole = proof.start(arranged);
  mustEndAsExpected(arranged, await whole.applyUntilSettled());
  const after = await whole.state();
  const undo = undoOf(whole.journal());
  const { steps } = whole;
  // At the last one everything is done, and only the answer is lost.
  for (let dieAt = 0; dieAt <= steps; dieAt++) {
    const run = proof.start(arranged);
    const where = `killed at step ${dieAt + 1} of ${steps}`;
    await run.invoke('apply', { dieAt }).catch((error) => mustBePending(error, where));
    // Every other time the first execution is given up, and another one takes over.
    const execution = dieAt % 2 === steps % 2 ? 'arn:execution:1' : 'arn:execution:2';
    const result = await run.applyUntilSettled({ execution });
    const wasDone = run.journal().some(({ status, execution: by }) => status === 'done' && by !== execution);
    if (!(wasDone && result?.kind === 'compliant')) mustEndAsExpected(arranged, result, where);
    mustBeSame(await run.state(), after, `${where}, it ends in another state (expected → actual):`);
    mustBeSame(undoOf(run.journal()), undo, `${where}, the journal has another undo (expected → actual):`);
  }
}

type Entries = readonly { status: string; targets: unknown; before: unknown; after: unknown }[];

/** The members that rollback uses. The law of rollback proves that they are enough. */
const undoOf = (journal: Entries) =>
  journal.map(({ status, targets, before, after }) => ({ status, targets, before, after }));

const mustBePending = (error: Error, where: string) =>
  must(error.name === 'ChangePending', `${where}, it fails with ${error}`);
