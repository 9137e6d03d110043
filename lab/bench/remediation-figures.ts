/** Each remediation is measured by one finding through the deployed workflow. */
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { approveChanges } from '../organization/approve-changes.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { ASR_USE } from './automated-security-response.ts';
import { countFigure, type Figure, type Row, type Section } from './figures.ts';
import type { Measurements, Meter } from './meter.ts';
import {
  APPROVAL_CONTROL,
  type BenchOrganization,
  MEASURED_ACCOUNT,
  SUPPRESSED_ACCOUNT,
  transitionsOf,
} from './organization.ts';

export type FindingRun = Measurements & {
  readonly execution: string;
  readonly transitions: number;
  readonly approved: boolean;
};
export type FindingRuns = {
  readonly remediated: ReadonlyMap<string, FindingRun>;
  readonly approved: FindingRun;
  readonly archived: FindingRun;
};

/** @throws Error if a finding is neither fixed nor archived */
export async function runEachRemediation(
  organization: BenchOrganization,
  meter: Meter,
  progress: (step: string) => void,
): Promise<FindingRuns> {
  // A warm-up: functions start, and read policy and accounts.
  await runFinding(organization, meter, APPROVAL_CONTROL, SUPPRESSED_ACCOUNT);
  await runFinding(organization, meter, 'EC2.13', MEASURED_ACCOUNT);
  const archived = await runFinding(organization, meter, 'EC2.13', SUPPRESSED_ACCOUNT);
  const approved = await runFinding(organization, meter, APPROVAL_CONTROL, MEASURED_ACCOUNT);
  const remediated = new Map<string, FindingRun>();
  for (const { remediation, scenarios } of SCENARIOS) {
    const control = remediation.handles.controls.find((each) => each !== APPROVAL_CONTROL);
    if (!control || !isFixedByDefault(scenarios)) continue;
    progress(`${remediation.id} through the workflow`);
    remediated.set(remediation.id, await runFinding(organization, meter, control, MEASURED_ACCOUNT));
  }
  return { remediated, approved, archived };
}

/**
 * Returns whether the fault alone is fixed. Other remediations need a parameter of policy, or something in the account
 * that their scenarios create first.
 */
const isFixedByDefault = (scenarios: Scenarios['scenarios']): boolean =>
  Object.values(scenarios).some(({ arrange, params, expected }) => expected === 'FIXED' && !arrange && !params);

async function runFinding(
  organization: BenchOrganization,
  meter: Meter,
  control: string,
  account: string,
): Promise<FindingRun> {
  const { sandbox, context } = organization;
  const finding = await organization.makeFaultyFinding(control, account);
  meter.read();
  const [execution] = await organization.process([finding]);
  const approved = executionSummary(sandbox.kernel, execution!).status === 'RUNNING';
  if (approved) {
    await approveChanges(sandbox, context.securityAccount, [{ control, account }]);
    await sandbox.settled();
  }
  return { ...meter.read(), execution: execution!, transitions: transitionsOf(organization, execution!), approved };
}

type RunLimits = { readonly states: number; readonly invocations: number; readonly calls?: number };
const AUTOMATIC: RunLimits = { states: 6, invocations: 4 };
const WITH_APPROVAL: RunLimits = { states: 10, invocations: 7 };
const ARCHIVED: RunLimits = { states: 3, invocations: 1 };
/** Includes AssumeRole. */
const CLOSE_GROUP_CALLS = 7;

export function remediationSection({ remediated, approved, archived }: FindingRuns): Section {
  const modules = [...remediated].map(([id, run]): Row => {
    const limits = run.approved ? WITH_APPROVAL : AUTOMATIC;
    const calls = id === 'ec2/close-admin-ports' ? { calls: CLOSE_GROUP_CALLS } : {};
    return {
      label: run.approved ? `${id}, by approval` : id,
      figures: figuresOf(`remediation.${id}`, run, { ...limits, ...calls }),
    };
  });
  return {
    title: 'One finding',
    columns: 'states entered / invocations / calls in the member account / other calls of functions',
    note: `AWS's Automated Security Response, by its guide: ${ASR_USE.transitions} states, ${ASR_USE.invocations} invocations and an SSM automation`,
    rows: [
      ...modules,
      {
        label: 'ec2/close-admin-ports, by approval',
        figures: figuresOf('approved', approved, WITH_APPROVAL),
        note: 'one more invocation announces that it waits',
      },
      { label: 'archived', figures: figuresOf('archived', archived, ARCHIVED) },
    ],
  };
}

function figuresOf(name: string, run: FindingRun, { states, invocations, calls }: RunLimits): Figure[] {
  const memberCount = memberCalls(run).length;
  return [
    countFigure(`${name}.states`, run.transitions, { limit: states }),
    countFigure(`${name}.invocations`, ownInvocations(run).length, { limit: invocations }),
    countFigure(`${name}.member-calls`, memberCount, { limit: calls }),
    countFigure(`${name}.other-calls`, functionCalls(run).length - memberCount),
  ];
}

/** Calls with the execution's source identity: AssumeRole and the calls in the member account. */
const memberCalls = ({ calls, execution }: FindingRun): Measurements['calls'] =>
  calls.filter((call) => call.sourceIdentity === sourceIdentity(execution));

/** Excludes polls of a queue, which serve many findings. */
const functionCalls = ({ calls }: Measurements): Measurements['calls'] =>
  calls.filter(
    ({ instance, service, operation }) =>
      instance !== undefined && !(service === 'sqs' && POLL_OPERATIONS.has(operation)),
  );

const POLL_OPERATIONS: ReadonlySet<string> = new Set(['ReceiveMessage', 'DeleteMessageBatch']);

/**
 * Excludes batches of updates, which serve many findings, announcements, and a person's look at the list of approvals.
 */
const ownInvocations = ({ invocations }: Measurements): Measurements['invocations'] =>
  invocations.filter(
    (each) =>
      !OTHER_FUNCTIONS.has(each.function) &&
      !(each.function === LAB_NAMES.function('approvals') && each.event.includes('"httpMethod":"GET"')),
  );

const OTHER_FUNCTIONS: ReadonlySet<string> = new Set([
  LAB_NAMES.function('finding-updates'),
  LAB_NAMES.function('notify'),
]);
