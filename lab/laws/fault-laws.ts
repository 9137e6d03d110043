/** Laws about AWS's faults: stale reads, throttling, denials, and lists of several pages. */
import { isThrottling } from '../../functions/contract/errors.ts';
import type { Fault, FaultableCall, FaultRule } from '../../sandbox/kernel/fault.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { mustEndAsExpected } from './expectations.ts';
import { must, mustBeSame, shown } from './law.ts';
import { isMemberCall } from './member-role.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** The number of reads after a write that still see the old state: more than one invocation makes. */
const STALE_READS = 4;

export async function toleratesStaleReads(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { after } = await undisturbedRun(proof, arranged);
  const run = proof.start(arranged);
  let stale = 0;
  injectFaults(proof, (call) => {
    if (!call.isRead) stale = STALE_READS;
    else if (stale-- > 0) return { kind: 'stale' };
    return undefined;
  });
  const result = await run.applyUntilSettled();
  clearFaults(proof);
  mustEndAsExpected(arranged, result, 'with stale reads');
  mustBeSame(await run.state(), after, 'with stale reads, it ends in another state (expected → actual):');
}

export async function toleratesThrottling(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { after } = await undisturbedRun(proof, arranged);
  await atEachCall(proof, arranged, throttled, async (run, where) => {
    const result = await run.invoke('apply').catch((error) => {
      must(isThrottling(error), `${where()}, it fails with ${error}`);
    });
    clearFaults(proof);
    mustEndAsExpected(arranged, result ?? (await run.applyUntilSettled()), where());
    mustBeSame(await run.state(), after, `${where()}, it ends in another state (expected → actual):`);
  });
}

export async function reportsDenials(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { after } = await undisturbedRun(proof, arranged);
  await atEachCall(proof, arranged, denied, async (run, where) => {
    const result = await run.invoke('apply').catch(() => undefined);
    must(result === undefined, `${where()}, it claims ${shown(result)}`);
    clearFaults(proof);
    mustEndAsExpected(arranged, await run.applyUntilSettled(), `${where()} and then allowed`);
    mustBeSame(await run.state(), after, `${where()} and then allowed, it ends in another state (expected → actual):`);
  });
}

export async function readsAllPages(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { after } = await undisturbedRun(proof, arranged);
  const run = proof.start(arranged);
  mustEndAsExpected(arranged, await run.applyUntilSettled({ pages: 'small' }), 'with small pages');
  mustBeSame(await run.state(), after, 'with small pages, it ends in another state (expected → actual):');
}

type UndisturbedRun = { readonly after: unknown; readonly calls: number };
const UNDISTURBED_RUNS = new WeakMap<ArrangedScenario, Promise<UndisturbedRun>>();

/** Returns the end of a run without faults, and the number of its calls in the member account. Runs once a scenario. */
function undisturbedRun(proof: ProofSandbox, arranged: ArrangedScenario): Promise<UndisturbedRun> {
  const known = UNDISTURBED_RUNS.get(arranged) ?? runUndisturbed(proof, arranged);
  UNDISTURBED_RUNS.set(arranged, known);
  return known;
}

async function runUndisturbed(proof: ProofSandbox, arranged: ArrangedScenario): Promise<UndisturbedRun> {
  const run = proof.start(arranged);
  let calls = 0;
  injectFaults(proof, () => void calls++);
  mustEndAsExpected(arranged, await run.applyUntilSettled());
  clearFaults(proof);
  return { after: await run.state(), calls };
}

/** Runs the scenario again for each call that it makes, with a fault at that call. */
async function atEachCall(
  proof: ProofSandbox,
  arranged: ArrangedScenario,
  fault: (call: FaultableCall) => Fault,
  prove: (run: ScenarioRun, where: () => string) => Promise<void>,
): Promise<void> {
  const { calls } = await undisturbedRun(proof, arranged);
  for (let nth = 0; nth < calls; nth++) {
    const run = proof.start(arranged);
    let count = 0;
    let operation = '';
    injectFaults(proof, (call) => {
      if (count++ !== nth) return undefined;
      operation = call.operation;
      return fault(call);
    });
    await prove(run, () => `refused at call ${nth + 1} of ${calls} (${operation})`);
  }
}

/** Adds a rule for the remediation's own calls. */
function injectFaults({ sandbox }: ProofSandbox, rule: FaultRule): void {
  sandbox.kernel.faults.push((call) => (isMemberCall(call) ? rule(call) : undefined));
}

function clearFaults({ sandbox }: ProofSandbox): void {
  sandbox.kernel.faults.length = 0;
}

/** Denies the call, by the error of its service. */
const denied = ({ denial }: FaultableCall): Fault => ({ kind: 'error', ...denial });
