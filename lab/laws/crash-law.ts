/** The law about crashes: a run of apply or rollback may die at any step, and another one finishes its work. */
import type { ArrangedScenario } from './arranged-scenario.ts';
import { DistinctEnds } from './distinct-ends.ts';
import { mustBeSameWorld, mustChangeOnly, mustEndAsExpected, OTHER_EXECUTION } from './expectations.ts';
import { jsonText, must, mustBeSame } from './law.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import type { RunEnd, ScenarioRun } from './scenario-run.ts';
import type { LocatedRecord } from './target-records.ts';
import { type UndisturbedRun, undisturbedRun } from './undisturbed.ts';

/** Returns the number of steps at which it was killed. */
export async function survivesCrashes(proof: ProofSandbox, arranged: ArrangedScenario): Promise<number> {
  const whole = await undisturbedRun(proof, arranged);
  mustEndAsExpected(arranged, whole.result);
  const kills = await survivesCrashesOfApply(proof, arranged, whole);
  if (arranged.scenario.expected !== 'FIXED') return kills;
  return kills + (await survivesCrashesOfRollback(proof, arranged, whole));
}

async function survivesCrashesOfApply(
  proof: ProofSandbox,
  arranged: ArrangedScenario,
  { world, journal, records }: UndisturbedRun,
): Promise<number> {
  const undo = undoOf(journal);
  const ends = await endsOfKilledRuns(proof, records, proof.start(arranged), (run, onStep) =>
    run.applyUntilSettled({ onStep }),
  );
  for (const { where, end } of ends) {
    mustChangeOnly(proof, records, arranged.world, end.world, `${where}, it has changed what is not the target`);
    // The execution is redriven, or is given up and another one takes over.
    for (const execution of ['arn:execution:1', 'arn:execution:2']) {
      const run = proof.goOn(arranged, end);
      const { result, partial } = await takeOver(run, execution);
      const wasDone = run.journal().some(({ status, execution: by }) => status === 'done' && by !== execution);
      if (!(wasDone && result?.kind === 'compliant')) mustEndAsExpected(arranged, result, where);
      mustBeSameWorld(proof, records, world, run.world(), `${where}, it ends in another world`);
      if (partial === undefined)
        mustBeSame(undoOf(run.journal()), undo, `${where}, the journal has another undo (expected → actual):`);
      else mustKeepUndo(run.journal(), undo, partial, where);
    }
  }
  return ends.length;
}

/** A rollback that died is run again by its own execution. */
async function survivesCrashesOfRollback(
  proof: ProofSandbox,
  arranged: ArrangedScenario,
  whole: UndisturbedRun,
): Promise<number> {
  const { records } = whole;
  const undisturbed = proof.goOn(arranged, whole);
  let kind: string | undefined;
  const ends = await endsOfKilledRuns(proof, records, undisturbed, async (run, onStep) => {
    kind = (await run.invokeUntilSettled('rollback', { ...OTHER_EXECUTION, onStep }))?.kind;
  });
  const restored = ends.at(-1)!.end.world;
  for (const { where, end } of ends) {
    mustChangeOnly(proof, records, whole.world, end.world, `rollback ${where}, it has changed what is not the target`);
    const run = proof.goOn(arranged, end);
    const again = await run.invokeUntilSettled('rollback', OTHER_EXECUTION);
    // The killed run may have restored the last thing.
    const isEnd = again?.kind === kind || (kind === 'fixed' && again?.kind === 'compliant');
    must(isEnd, `rollback ${where}: answers ${jsonText(again)}, not ${kind}`);
    mustBeSameWorld(proof, records, restored, run.world(), `rollback ${where}, it ends in another world`);
  }
  return ends.length;
}

type KilledRun = { readonly where: string; readonly end: RunEnd };

/**
 * Runs once, and returns what the run would leave if it died at each of its steps, or after the last, when only the answer
 * is lost. A step that changes neither the world nor the journal leaves what the step before left: those are left out.
 */
async function endsOfKilledRuns(
  { sandbox }: ProofSandbox,
  records: readonly LocatedRecord[],
  run: ScenarioRun,
  work: (run: ScenarioRun, onStep: () => void) => Promise<unknown>,
): Promise<KilledRun[]> {
  const ends: RunEnd[] = [];
  const keep = () => void ends.push(run.end());
  await work(run, keep);
  keep();
  const distinct = new DistinctEnds(sandbox, records);
  return ends
    .map((end, n) => ({ end, where: `killed at step ${n + 1} of ${ends.length - 1}` }))
    .filter(({ end }) => distinct.add(end));
}

/**
 * Runs it again. Another execution asks a person if the killed one left a state that is neither as before nor as wanted:
 * that state is `partial`.
 */
async function takeOver(run: ScenarioRun, execution: string) {
  const result = await run.applyUntilSettled({ execution });
  if (result?.kind !== 'planned' || !result.awaits) return { result };
  // A plan writes nothing.
  const partial = await run.state();
  const approval = { by: 'a person', at: new Date(run.end().at).toISOString(), plan: result.plan };
  return { result: await run.applyUntilSettled({ execution, approval }), partial };
}

/** Checks that the first undo stays in the journal, and that the approved change has one of its own. */
function mustKeepUndo(journal: Entries, undo: Entries, partial: unknown, where: string): void {
  must(journal.length === 2, `${where}, the journal has ${journal.length} changes, not 2`);
  mustBeSame(journal[0]!.before, undo[0]!.before, `${where}, the first undo is another (expected → actual):`);
  mustBeSame(journal[1]!.before, partial, `${where}, the second undo is another (expected → actual):`);
}

type Entries = readonly { status: string; targets: unknown; before: unknown; after: unknown }[];

/** Returns the members that rollback uses. The law of rollback proves that they are enough. */
const undoOf = (journal: Entries) =>
  journal.map(({ status, targets, before, after }) => ({ status, targets, before, after }));
