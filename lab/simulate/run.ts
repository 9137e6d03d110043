/** A simulation: a fresh organization in which what the findings say is true, and what Suture does about it. */
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { type BusEvent, deliveries } from '../../sandbox/services/eventbridge/index.ts';
import { limitInstances } from '../../sandbox/services/lambda/index.ts';
import { executionSummary } from '../../sandbox/services/sfn/index.ts';
import { assembly } from '../../stacks/assembly.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { type EventEntry, eventsOf, findingsIn, putOnBus } from '../organization/events.ts';
import { sampleContext, startOrganization } from '../organization/organization.ts';
import { type Trace, traceOf } from '../organization/trace.ts';
import { explained, type Judge, judgeFor } from '../organization/verdict.ts';
import { accountsFor, accountsIn } from './accounts.ts';
import { changedAssembly } from './assembly.ts';
import { faultsIn } from './faults.ts';

/**
 * Of function instances: none is ended to make room while findings come in, and two of one function keep two processors
 * busy. Each further one is compiled and warmed up anew: with three, 200 findings take two fifths more processor time.
 */
const INSTANCES = 48;
const OF_ONE_FUNCTION = 2;
export const limitAsSimulated = (kernel: Kernel): void => limitInstances(kernel, INSTANCES, OF_ONE_FUNCTION);

export type Simulation = {
  readonly policy: SuturePolicy;
  readonly asIs: boolean;
  /** When the findings come, milliseconds since 1970; default: now. */
  readonly at?: number;
  /** Told of each step; absent where nobody looks. */
  readonly progress?: (step: string) => void;
};

/** What became of every finding, in the order of the entries. */
export async function simulate(
  entries: readonly EventEntry[],
  { policy, asIs, at, progress }: Simulation,
): Promise<Trace[]> {
  const findings = entries.flatMap((entry) => (entry.kind === 'event' ? entry.event.detail.findings : [entry.finding]));
  const { context, management, members, moved } = accountsFor(await sampleContext(), accountsIn(findings), asIs);
  progress?.('synthesizing the stacks');
  const changed = await changedAssembly((await assembly()).directory, { policy, accounts: moved });
  try {
    progress?.('starting the sandbox and deploying the templates');
    const installed = { context, management, members: members.map((id) => ({ id, name: `account ${id}` })) };
    const sandbox = await startOrganization({ ...installed, directory: changed.directory }, { start: at });
    try {
      return await play(sandbox, { entries, context, policy, members, asIs, progress });
    } finally {
      await sandbox.close();
    }
  } finally {
    await changed.remove();
  }
}

type Play = Omit<Simulation, 'policy' | 'at'> & {
  readonly entries: readonly EventEntry[];
  readonly context: SutureContext;
  readonly policy: SuturePolicy;
  readonly members: readonly string[];
};

async function play(sandbox: Sandbox, { entries, context, policy, members, asIs, progress }: Play): Promise<Trace[]> {
  const { kernel } = sandbox;
  limitAsSimulated(kernel);
  const now = new Date(kernel.clock.now());
  const judge = judgeFor(context, policy, members, now);
  const events = eventsOf(entries, { context, asIs, now });
  const arrived = events.flatMap((event) =>
    findingsIn(event).map((finding, index, { length }) => ({ event, finding, index, count: length })),
  );

  progress?.(`making the resources of ${arrived.length} findings faulty`);
  const faults = faultsIn(sandbox);
  const hindrances: (string | undefined)[] = [];
  // All of them before the first event: some faults are made with the clock set back, which no execution may see.
  for (const { event, finding } of arrived) hindrances.push(await madeFaulty(faults, judge, event, finding));

  putOnBus(sandbox, context, events);
  progress?.(`${arrived.length} findings are on the bus`);
  const stopTelling = progress && tellOfExecutions(kernel, progress);
  await sandbox.settled();
  stopTelling?.();

  return arrived.map(({ event, finding, index, count }, n) => {
    const { reason, ...trace } = traceOf(kernel, event.id, finding, index, count);
    const hindered = hindrances[n] ? `; ${hindrances[n]}` : '';
    return explained({ ...trace, reason: reason + hindered }, judge(event, finding));
  });
}

/** Tells every two seconds how many executions have ended. */
function tellOfExecutions(kernel: Kernel, progress: (step: string) => void): () => void {
  const timer = setInterval(() => {
    const started = deliveries(kernel).flatMap(({ outcome, result }) =>
      outcome === 'delivered' && result ? [result] : [],
    );
    const ended = started.filter((arn) => executionSummary(kernel, arn).status !== 'RUNNING');
    progress(`${ended.length} of ${started.length} executions have ended`);
  }, 2000);
  return () => clearInterval(timer);
}

/** Why it could not be made; undefined also for a finding that no remediation will be asked about. */
async function madeFaulty(faults: ReturnType<typeof faultsIn>, judge: Judge, event: BusEvent, finding: unknown) {
  const verdict = judge(event, finding);
  return verdict?.work && faults.make({ finding: verdict.finding, work: verdict.work });
}
