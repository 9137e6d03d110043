/** Simulates findings in a new organization that has the resources which they name. */
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import type { BusEvent } from '../../sandbox/services/eventbridge/event.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { type EventOrFinding, eventsOf, findingsIn, putOnBus } from '../organization/events.ts';
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { startOrganization } from '../organization/organization.ts';
import { notSimulated, type Trace, traceOf } from '../organization/trace.ts';
import { type TriageFinding, triageFor, withTriageReason } from '../organization/triage.ts';
import { accountsFor, accountsIn } from './accounts.ts';
import { copyAssembly } from './copy-assembly.ts';
import { makeFaulty, type RemediableFinding, type SimulatedFault } from './faulty-resources.ts';

export type SimulationOptions = {
  readonly policy: SuturePolicy;
  /** Leaves accounts and Regions of events, and Suture's own accounts, as they are. */
  readonly asIs: boolean;
  readonly at?: number;
  readonly progress?: (step: string) => void;
};

export async function simulate(
  entries: readonly EventOrFinding[],
  { policy, asIs, at, progress }: SimulationOptions,
): Promise<Trace[]> {
  const findings = entries.flatMap((entry) => (entry.kind === 'event' ? entry.event.detail.findings : [entry.finding]));
  const { context, management, members, moved } = accountsFor(await readCdkJsonContext(), accountsIn(findings), asIs);
  progress?.('synthesizing the stacks');
  const copy = await copyAssembly((await assembly()).directory, { policy, accounts: moved });
  try {
    progress?.('starting the sandbox and deploying the templates');
    const accounts = { management, members: members.map((id) => ({ id, name: `account ${id}` })) };
    const sandbox = await startOrganization({ context, ...accounts, directory: copy.directory }, { start: at });
    try {
      return await simulateIn(sandbox, { entries, context, policy, members, asIs, progress });
    } finally {
      await sandbox.close();
    }
  } finally {
    await copy.remove();
  }
}

type SandboxedSimulation = Omit<SimulationOptions, 'at'> & {
  readonly entries: readonly EventOrFinding[];
  readonly context: SutureContext;
  readonly members: readonly string[];
};

async function simulateIn(sandbox: Sandbox, simulation: SandboxedSimulation): Promise<Trace[]> {
  const { entries, context, policy, members, asIs, progress } = simulation;
  const { kernel } = sandbox;
  limitFunctionInstances(kernel);
  const now = new Date(kernel.clock.now());
  const triage = triageFor(context, policy, members, now);
  const events = eventsOf(entries, { context, asIs, now });
  const arrivals = events.flatMap(arrivalsIn);
  progress?.(`making the resources of ${arrivals.length} findings faulty`);
  // All of them before the first event: some scenarios set the clock back, which no execution may see.
  const remediables = arrivals.map((arrival) => remediable(triage, arrival));
  const faults = await makeFaulty(sandbox, remediables);
  for (const wave of wavesOf(events, arrivals, faults)) {
    putOnBus(sandbox, context, wave);
    progress?.(`${arrivals.length} findings are on the bus`);
    await settle(sandbox, progress);
  }
  const traces = arrivals.map(({ event, finding, index, count }, n) => {
    const [verdict, problem] = [triage(event, finding), faults[n]?.problem];
    if (verdict && problem !== undefined)
      return withTriageReason(notSimulated(finding, verdict.route, problem), verdict);
    return withTriageReason(traceOf(kernel, event.id, finding, index, count), verdict);
  });
  return traces.map((trace, n) => withEarlierFix(trace, earlierFix(n, traces, remediables, faults)));
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

/** Findings about one resource arrive one after another, except in one event. Without any fault, an event is left out. */
function wavesOf(events: readonly BusEvent[], arrivals: readonly Arrival[], faults: Faults): BusEvent[][] {
  const faultsOf = (event: BusEvent) => faults.filter((_, n) => arrivals[n]!.event === event);
  const sent = events.filter((event) => faultsOf(event).some((fault) => fault?.problem === undefined));
  const waves = Map.groupBy(sent, (event) => Math.max(...faultsOf(event).map((fault) => fault?.turn ?? 0)));
  return [...waves].toSorted(([a], [b]) => a - b).map(([, wave]) => wave);
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
  const timer = progress && setInterval(() => progress(executionCounts(sandbox.kernel)), PROGRESS_INTERVAL_MS);
  await sandbox.settled();
  clearInterval(timer);
}

function executionCounts(kernel: Kernel): string {
  const started = deliveries(kernel).flatMap(({ outcome, result }) =>
    outcome === 'delivered' && result ? [result] : [],
  );
  const ended = started.filter((arn) => executionSummary(kernel, arn).status !== 'RUNNING');
  return `${ended.length} of ${started.length} executions have ended`;
}
