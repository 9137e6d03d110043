/** What each remediation takes, of states, invocations and calls: its faulty case, run once through the executed workflow. */
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { scenarios } from '../../functions/remediations/scenarios.generated.ts';
import { executionSummary } from '../../sandbox/services/sfn/index.ts';
import { functionName } from '../../stacks/names.ts';
import { approve } from '../organization/approve.ts';
import { counted, type Figure, type Row, type Section } from './figures.ts';
import type { Counted, Meter } from './meter.ts';
import { APPROVED, MEASURED, type Organization, SUPPRESSED, transitionsOf } from './organization.ts';

/** One finding from its event to its end; everything counted meanwhile is its own. */
export type Run = Counted & { readonly execution: string; readonly transitions: number; readonly approved: boolean };
export type Runs = {
  readonly remediated: ReadonlyMap<string, Run>;
  readonly approved: Run;
  readonly archived: Run;
};

/** @throws when a finding is not dealt with: its figures would be those of something else */
export async function runEach(
  organization: Organization,
  meter: Meter,
  progress: (step: string) => void,
): Promise<Runs> {
  // What all share starts, fetches the policy and gets to know the accounts. Remediations make no calls of their own at first.
  await run(organization, meter, APPROVED, SUPPRESSED);
  await run(organization, meter, 'EC2.13', MEASURED);
  const archived = await run(organization, meter, 'EC2.13', SUPPRESSED);
  const approved = await run(organization, meter, APPROVED, MEASURED);
  const remediated = new Map<string, Run>();
  for (const { of } of scenarios) {
    const control = of.handles.controls.find((each) => each !== APPROVED);
    if (!control) continue;
    progress(`${of.id} through the workflow`);
    remediated.set(of.id, await run(organization, meter, control, MEASURED));
  }
  return { remediated, approved, archived };
}

async function run(organization: Organization, meter: Meter, control: string, account: string): Promise<Run> {
  const { sandbox, context } = organization;
  const finding = await organization.arrange(control, { account });
  meter.read();
  const [execution] = await organization.deal([finding]);
  const approved = executionSummary(sandbox.kernel, execution!).status === 'RUNNING';
  if (approved) {
    await approve(sandbox, context.securityAccount, [{ control, account }]);
    await sandbox.settled();
  }
  return { ...meter.read(), execution: execution!, transitions: transitionsOf(organization, execution!), approved };
}

type Limits = { readonly states: number; readonly invocations: number; readonly calls?: number };
const AUTOMATIC: Limits = { states: 6, invocations: 4 };
const WITH_APPROVAL: Limits = { states: 10, invocations: 7 };
const ARCHIVED: Limits = { states: 3, invocations: 1 };
/** In the member account, AssumeRole included. */
const CALLS_TO_CLOSE_A_GROUP = 7;

export function remediationSection({ remediated, approved, archived }: Runs): Section {
  const modules = [...remediated].map(([id, made]): Row => {
    const limits = made.approved ? WITH_APPROVAL : AUTOMATIC;
    const calls = id === 'ec2/close-admin-ports' ? { calls: CALLS_TO_CLOSE_A_GROUP } : {};
    return {
      what: made.approved ? `${id}, by approval` : id,
      figures: figuresOf(`remediation.${id}`, made, { ...limits, ...calls }),
    };
  });
  return {
    title: 'A finding, alone',
    of: 'states entered / invocations / calls in the member account / other calls of functions',
    beside: "AWS's Automated Security Response: 19 to 20 states, 9 invocations and an SSM automation",
    rows: [
      ...modules,
      {
        what: 'ec2/close-admin-ports, by approval',
        figures: figuresOf('approved', approved, WITH_APPROVAL),
        beside: 'one more invocation tells people that it waits',
      },
      { what: 'archived', figures: figuresOf('archived', archived, ARCHIVED) },
    ],
  };
}

function figuresOf(name: string, run: Run, { states, invocations, calls }: Limits): Figure[] {
  const there = callsThere(run).length;
  return [
    counted(`${name}.states`, run.transitions, { limit: states }),
    counted(`${name}.invocations`, invocationsOf(run).length, { limit: invocations }),
    counted(`${name}.member-calls`, there, { limit: calls }),
    counted(`${name}.other-calls`, callsOfFunctions(run).length - there),
  ];
}

/** By the execution's source identity: calls in the member account, and the AssumeRole that leads there. */
export const callsThere = ({ calls, execution }: Run): Counted['calls'] =>
  calls.filter((call) => call.sourceIdentity === sourceIdentity(execution));

/** Made by functions, and not by the services around them; without polling a queue, which serves many findings. */
export const callsOfFunctions = ({ calls }: Counted): Counted['calls'] =>
  calls.filter(
    ({ instance, service, operation }) => instance !== undefined && !(service === 'sqs' && POLLING.has(operation)),
  );

const POLLING = new Set(['ReceiveMessage', 'DeleteMessageBatch']);

/**
 * For this finding alone: a batch of updates serves many. What people look at and are told of before they approve is
 * not the workflow's.
 */
export const invocationsOf = ({ invocations }: Counted): Counted['invocations'] =>
  invocations.filter(
    (each) =>
      !BESIDES.has(each.function) &&
      !(each.function === functionName('approvals') && each.event.includes('"method":"GET"')),
  );

const BESIDES: ReadonlySet<string> = new Set([functionName('finding-updates'), functionName('notify')]);
