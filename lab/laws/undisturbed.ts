/** A run without faults, to which laws compare others. */
import type { TargetFields } from '../../functions/contract/remediation.ts';
import type { EngineResult } from '../../functions/remediate/engine.ts';
import type { CallRecord } from '../../sandbox/kernel/kernel.ts';
import { isReadOperation } from '../../sandbox/kernel/service-facts.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { injectFaults } from './faults.ts';
import { isMemberRecord } from './member-role.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import type { RunEnd } from './scenario-run.ts';
import { fixTargetOf, type LocatedRecord, targetRecords } from './target-records.ts';

export type UndisturbedRun = RunEnd & {
  readonly result: EngineResult | undefined;
  /** Its calls in the member account. */
  readonly calls: readonly CallRecord[];
  readonly attempts: readonly Attempt[];
  /** Equal for scenarios in which the remediation makes the same calls, with inputs of the same members. */
  readonly sequence: string;
  /** The records that it may change. */
  readonly records: readonly LocatedRecord[];
};

/** One of its attempts: the end that the attempts before it left, and its calls in the member account. */
export type Attempt = { readonly from: RunEnd; readonly calls: readonly CallRecord[] };

const UNDISTURBED_RUNS = new WeakMap<ArrangedScenario, Promise<UndisturbedRun>>();

/** Applies without faults, once a scenario. Rejects with the error with which the remediation fails. */
export function undisturbedRun(proof: ProofSandbox, arranged: ArrangedScenario): Promise<UndisturbedRun> {
  const known = UNDISTURBED_RUNS.get(arranged) ?? runUndisturbed(proof, arranged);
  UNDISTURBED_RUNS.set(arranged, known);
  return known;
}

async function runUndisturbed(proof: ProofSandbox, arranged: ArrangedScenario): Promise<UndisturbedRun> {
  const { sandbox } = proof;
  const run = proof.start(arranged);
  const inputs: string[] = [];
  injectFaults(proof, ({ service, operation, input }) => void inputs.push(`${service} ${operation} ${shapeOf(input)}`));
  const first = sandbox.kernel.calls.length;
  const starts: { readonly from: RunEnd; readonly first: number }[] = [];
  const result = await run.applyUntilSettled({
    onAttempt: () => void starts.push({ from: run.end(), first: sandbox.kernel.calls.length }),
  });
  const callsFrom = (start: number, end?: number) => sandbox.kernel.calls.slice(start, end).filter(isMemberRecord);
  const calls = callsFrom(first);
  const end = run.end();
  return {
    ...end,
    result,
    calls,
    attempts: starts.map(({ from, first }, n) => ({ from, calls: callsFrom(first, starts[n + 1]?.first) })),
    sequence: [arranged.control, ...inputs.map((input, n) => `${input} ${calls[n]?.error ?? 'ok'}`)].join('\n'),
    records: targetRecords(
      sandbox,
      fixTargetOf(arranged),
      end.journal.flatMap(({ targets }) => targets) as TargetFields[],
    ),
  };
}

/** Returns the names of an input's members as text, down to the last. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join()}]`;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return '';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .map(([name, member]) => name + shapeOf(member))
    .sort()
    .join()}}`;
}

/** Returns the calls that may change something. */
export function writeCalls({ sandbox }: ProofSandbox, calls: readonly CallRecord[]): CallRecord[] {
  const serviceNamed = (name: string) => sandbox.kernel.services!.find((service) => service.name === name)!;
  return calls.filter(({ service, operation }) => !isReadOperation(serviceNamed(service), operation));
}
