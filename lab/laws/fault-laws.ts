/** Laws about AWS's faults: stale reads, throttling, denials, and lists of several pages. */
import { isThrottling } from '../../functions/contract/errors.ts';
import type { EngineResult } from '../../functions/remediate/engine.ts';
import type { CallRecord } from '../../sandbox/kernel/call-log.ts';
import type { Fault, FaultableCall } from '../../sandbox/kernel/fault.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { DistinctEnds } from './distinct-ends.ts';
import { mustBeSameWorld, mustChangeOnly, mustEndAsExpected } from './expectations.ts';
import { clearFaults, injectFaults } from './faults.ts';
import { jsonText, must } from './law.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { type Attempt, type UndisturbedRun, undisturbedRun } from './undisturbed.ts';

/** The number of reads after a write that still see the old state: more than one invocation makes. */
const STALE_READS = 4;

export async function toleratesStaleReads(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { world, records } = await undisturbedRun(proof, arranged);
  const run = proof.start(arranged);
  let stale = 0;
  injectFaults(proof, (call) => {
    if (!call.isRead) stale = STALE_READS;
    else if (stale-- > 0) return { kind: 'stale' };
    return undefined;
  });
  mustEndAsExpected(arranged, await run.applyUntilSettled(), 'with stale reads');
  mustBeSameWorld(proof, records, world, run.world(), 'with stale reads, it ends in another world');
}

export const toleratesThrottling = (proof: ProofSandbox, arranged: ArrangedScenario): Promise<number> =>
  atEachCall(proof, arranged, throttled, async (run, where) => {
    const result = await run.applyUntilSettled().catch((error) => {
      must(isThrottling(error), `${where}, it fails with ${error}`);
      return undefined;
    });
    if (result) mustEndAsExpected(arranged, result, where);
    return result;
  });

export const reportsDenials = (proof: ProofSandbox, arranged: ArrangedScenario): Promise<number> =>
  atEachCall(proof, arranged, denialFault, async (run, where) => {
    const result = await run.applyUntilSettled().catch(() => undefined);
    must(result === undefined, `${where}, it claims ${jsonText(result)}`);
    return result;
  });

export async function readsAllPages(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { world, records } = await undisturbedRun(proof, arranged);
  const run = proof.start(arranged);
  mustEndAsExpected(arranged, await run.applyUntilSettled({ pages: 'small' }), 'with small pages');
  mustBeSameWorld(proof, records, world, run.world(), 'with small pages, it ends in another world');
}

/**
 * Runs the scenario again for each call that it makes, with a fault at that call. If that run fails, it runs once more
 * without a fault, unless an earlier fault left the same end. Each run must end in the same world. Leaves out the calls
 * of attempts that only repeat an earlier attempt. Returns the number of calls with a fault.
 */
async function atEachCall(
  proof: ProofSandbox,
  arranged: ArrangedScenario,
  fault: (call: FaultableCall) => Fault,
  runWithFault: (run: ScenarioRun, where: string) => Promise<EngineResult | undefined>,
): Promise<number> {
  const whole = await undisturbedRun(proof, arranged);
  const { calls, world, records } = whole;
  const distinct = new DistinctEnds(proof.sandbox, records);
  const waiting = callsOfRepeatedAttempts(proof, whole);
  for (const [nth, call] of calls.entries()) {
    if (waiting.has(call)) continue;
    const { operation } = call;
    const run = proof.start(arranged);
    let count = 0;
    injectFaults(proof, (call) => (count++ === nth ? fault(call) : undefined));
    const where = `refused at call ${nth + 1} of ${calls.length} (${operation})`;
    const result = await runWithFault(run, where);
    clearFaults(proof);
    const end = run.end();
    mustChangeOnly(proof, records, arranged.world, end.world, `${where}, it has changed what is not the target`);
    if (!result && !distinct.add(end)) continue;
    if (!result) mustEndAsExpected(arranged, await run.applyUntilSettled(), `${where} and then allowed`);
    mustBeSameWorld(proof, records, world, run.world(), `${where}, it ends in another world`);
  }
  return calls.length - waiting.size;
}

/** Returns the calls of attempts that begin where another did, and make the same calls with the same results. */
function callsOfRepeatedAttempts(
  { sandbox }: ProofSandbox,
  { attempts, records }: UndisturbedRun,
): ReadonlySet<CallRecord> {
  const known = new Map<string, DistinctEnds>();
  const isRepeated = ({ from, calls }: Attempt) => {
    const sequence = calls.map(({ operation, error }) => `${operation} ${error}`).join('\n');
    const ends = known.get(sequence) ?? new DistinctEnds(sandbox, records);
    known.set(sequence, ends);
    return !ends.add(from);
  };
  return new Set(attempts.filter(isRepeated).flatMap(({ calls }) => calls));
}

/** Denies the call, by the error of its service. */
const denialFault = ({ denial }: FaultableCall): Fault => ({ kind: 'error', ...denial });
