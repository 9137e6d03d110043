/** Simulates findings in a new organization that has the resources which they name. */

import { UsageError } from '../../cli/errors/usage-error.ts';
import type { EventOrFinding } from '../../cli/input/parse-findings.ts';
import { findingsOf } from '../../cli/input/read-findings.ts';
import { countText } from '../../cli/output/count-text.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import type { BusEvent } from '../../sandbox/services/eventbridge/event.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { assembly } from '../../stacks/assembly.ts';
import { handledRegions, readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { eventsOf, findingsIn, putOnBus } from '../organization/events.ts';
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { MEMBER_OU_PATH, type MemberAccount, startOrganization } from '../organization/organization.ts';
import { notSimulated, type Trace, traceOf } from '../organization/trace.ts';
import { type TriageFinding, triageFor, withTriageReason } from '../organization/triage.ts';
import { accountsFor } from './accounts.ts';
import { copyAssembly } from './copy-assembly.ts';
import { makeFaulty, type RemediableFinding, type SimulatedFault } from './faulty-resources.ts';
import { accountsIn, regionsIn } from './named-places.ts';

export type SimulationOptions = {
  readonly policy: SuturePolicy;
  /** Leaves accounts and Regions of events, and Suture's own accounts, as they are. */
  readonly asIs: boolean;
  readonly at?: number;
  /** Paths by account; default: `MEMBER_OU_PATH`. */
  readonly ous?: ReadonlyMap<string, string>;
  readonly progress?: (step: string) => void;
};

export type SimulatedTrace = Trace & {
  /** The organizational unit in which the account was taken to be. */
  readonly unit: { readonly path: string; readonly isAssumed: boolean } | null;
};

/** An organization whose resources have the faults that findings name. The caller must close it. */
export type Simulation = {
  readonly sandbox: Sandbox;
  readonly context: SutureContext;
  /** Sends the findings, and resolves when each execution has ended or waits for a person. */
  send(): Promise<SimulatedTrace[]>;
  close(): Promise<void>;
};

/** @throws UsageError if `ous` names an account of no finding */
export async function simulate(
  entries: readonly EventOrFinding[],
  options: SimulationOptions,
): Promise<SimulatedTrace[]> {
  const simulation = await openSimulation(entries, options);
  try {
    return await simulation.send();
  } finally {
    await simulation.close();
  }
}

/** @throws UsageError if `ous` names an account of no finding */
export async function openSimulation(
  entries: readonly EventOrFinding[],
  { policy, asIs, at, ous = new Map(), progress }: SimulationOptions,
): Promise<Simulation> {
  const findings = entries.flatMap(findingsOf);
  const installed = await readCdkJsonContext();
  const regions = asIs ? installed.regions : [...new Set([...installed.regions, ...regionsIn(findings)])];
  const { context, management, members, moved } = accountsFor({ ...installed, regions }, accountsIn(findings), asIs);
  for (const account of ous.keys())
    if (!members.includes(account)) throw new UsageError(`--ou names ${account}, but no finding is of that account.`);
  const { directory } = await assembly({ progress: (step) => progress?.(`synthesizing: ${step}`) });
  const copy = await copyAssembly(directory, {
    policy,
    accounts: moved,
    regions: handledRegions(context),
  });
  let sandbox: Sandbox | undefined;
  const close = async () => {
    await sandbox?.close();
    await copy.remove();
  };
  try {
    progress?.('starting the sandbox and deploying the templates');
    const accounts = { management, members: members.map((id) => memberIn(id, ous.get(id))) };
    sandbox = await startOrganization({ context, ...accounts, directory: copy.directory }, { start: at });
    const send = await prepare(sandbox, { entries, context, policy, members, asIs, ous, progress });
    return {
      sandbox,
      context,
      close,
      send: async () => (await send()).map((trace) => ({ ...trace, unit: unitOf(trace.account, members, ous) })),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const memberIn = (id: string, ouPath: string | undefined): MemberAccount => ({
  id,
  name: `account ${id}`,
  ...(ouPath !== undefined && { ouPath }),
});

function unitOf(
  account: string | null,
  members: readonly string[],
  ous: ReadonlyMap<string, string>,
): SimulatedTrace['unit'] {
  if (account === null || !members.includes(account)) return null;
  return { path: ous.get(account) ?? MEMBER_OU_PATH, isAssumed: !ous.has(account) };
}

type SandboxedSimulation = Omit<SimulationOptions, 'at'> & {
  readonly entries: readonly EventOrFinding[];
  readonly context: SutureContext;
  readonly members: readonly string[];
  readonly ous: ReadonlyMap<string, string>;
};

/** Makes the resources faulty. Returns a function that sends the findings. */
async function prepare(sandbox: Sandbox, simulation: SandboxedSimulation): Promise<() => Promise<Trace[]>> {
  const { entries, context, policy, members, asIs, ous, progress } = simulation;
  limitFunctionInstances(sandbox.kernel);
  const now = new Date(sandbox.kernel.clock.now());
  const triage = triageFor(context, policy, members, now, (account) => ous.get(account) ?? MEMBER_OU_PATH);
  const events = eventsOf(entries, { context, asIs, now });
  const arrivals = events.flatMap(arrivalsIn);
  // All of them before the first event: some scenarios set the clock back, which no execution may see.
  const remediables = arrivals.map((arrival) => remediable(triage, arrival));
  const count = remediables.filter((each) => each !== undefined).length;
  if (count > 0) progress?.(`making the resources of ${countText(count, 'finding')} faulty`);
  const faults = await makeFaulty(sandbox, remediables);
  return async () => {
    for (const wave of wavesOf(events, arrivals, faults)) {
      putOnBus(sandbox, context, wave);
      const sent = wave.flatMap(findingsIn).length;
      progress?.(`sending ${countText(sent, 'finding')}`);
      await settle(sandbox, progress);
    }
    const traces = arrivals.map((arrival, n) => arrivalTrace(sandbox.kernel, triage, arrival, faults[n]?.problem));
    return traces.map((trace, n) => withEarlierFix(trace, earlierFix(n, traces, remediables, faults)));
  };
}

function arrivalTrace(
  kernel: Kernel,
  triage: TriageFinding,
  { event, finding, index, count }: Arrival,
  problem: string | undefined,
): Trace {
  const verdict = triage(event, finding);
  if (verdict && problem !== undefined) return withTriageReason(notSimulated(finding, verdict.route, problem), verdict);
  return withTriageReason(traceOf(kernel, event.id, finding, index, count), verdict);
}

/** The finding's position is among the `count` findings of the event. */
type Arrival = {
  readonly event: BusEvent;
  readonly finding: unknown;
  readonly index: number;
  readonly count: number;
};

const arrivalsIn = (event: BusEvent): Arrival[] =>
  findingsIn(event).map((finding, index, { length }) => ({ event, finding, index, count: length }));

function remediable(triage: TriageFinding, { event, finding }: Arrival): RemediableFinding | undefined {
  const verdict = triage(event, finding);
  return verdict?.work && { finding: verdict.finding, work: verdict.work };
}

type Faults = readonly (SimulatedFault | undefined)[];

/**
 * Returns the events in waves, because findings about one resource, and a finding that comes again, arrive one after
 * another unless one event has them. Leaves out events none of whose resources could be made faulty.
 */
function wavesOf(events: readonly BusEvent[], arrivals: readonly Arrival[], faults: Faults): BusEvent[][] {
  const faultsOf = (event: BusEvent) => faults.filter((_, n) => arrivals[n]!.event === event);
  const turnsOf = (event: BusEvent) =>
    arrivals.flatMap((arrival, n) => (arrival.event === event ? [faults[n]?.turn ?? earlierCount(arrivals, n)] : []));
  const sent = events.filter((event) => faultsOf(event).some((fault) => fault?.problem === undefined));
  const waves = Map.groupBy(sent, (event) => Math.max(...turnsOf(event)));
  return [...waves].toSorted(([a], [b]) => a - b).map(([, wave]) => wave);
}

/** Returns how many earlier events have the same finding. */
function earlierCount(arrivals: readonly Arrival[], n: number): number {
  const { event, finding } = arrivals[n]!;
  const { Id } = Object(finding);
  return arrivals.slice(0, n).filter((other) => other.event !== event && Object(other.finding).Id === Id).length;
}

/** Returns the control whose fix of the same resource came before this finding. */
function earlierFix(
  n: number,
  traces: readonly Trace[],
  remediables: readonly (RemediableFinding | undefined)[],
  faults: Faults,
): string | null | undefined {
  const lease = remediables[n]?.work.lease;
  return traces.find(
    ({ outcome, control }, other) =>
      outcome === 'FIXED' &&
      control !== traces[n]!.control &&
      lease === remediables[other]?.work.lease &&
      faults[other]!.turn <= faults[n]!.turn,
  )?.control;
}

const withEarlierFix = (trace: Trace, control: string | null | undefined): Trace =>
  control && trace.outcome === 'COMPLIANT'
    ? { ...trace, reason: `${trace.reason}; the fix of ${control} in the same resource came first` }
    : trace;

const PROGRESS_INTERVAL_MS = 2000;

async function settle(sandbox: Sandbox, progress: SimulationOptions['progress']): Promise<void> {
  let last: string | undefined;
  const tell = () => {
    const counts = executionCounts(sandbox.kernel);
    if (counts !== last) progress?.(counts);
    last = counts;
  };
  const timer = setInterval(tell, PROGRESS_INTERVAL_MS);
  await sandbox.settled();
  clearInterval(timer);
  // Else the last line on the screen would have an old count.
  if (last !== undefined) tell();
}

function executionCounts(kernel: Kernel): string {
  const started = deliveries(kernel).flatMap(({ outcome, result }) =>
    outcome === 'delivered' && result ? [result] : [],
  );
  const ended = started.filter((arn) => executionSummary(kernel, arn).status !== 'RUNNING');
  return `${ended.length} of ${countText(started.length, 'execution has', 'executions have')} ended`;
}
