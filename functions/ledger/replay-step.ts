/** Decides how a finding is replayed: by a redrive of its execution, by a new execution, or not at all. */
import type { FindingEvent } from '../domain/finding.ts';
import { inactiveReason, leftAloneReason } from '../domain/left-alone.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { StartOptions } from '../domain/start-options.ts';
import type { AccountStore } from '../ports/accounts.ts';
import type { HistoryLine, LedgerRecord } from '../ports/ledger-queries.ts';
import type { ExecutionFacts, WorkflowExecutions } from '../ports/workflow-executions.ts';

/** The proxy has the same limit. */
const MAX_FAILED_EXECUTIONS = 5;

export type ReplayStep = {
  readonly findingId: string;
  readonly control?: string;
  readonly account?: string;
  readonly resource?: string;
  readonly how: 'redrive' | 'start' | 'leave';
  readonly why: string;
  readonly execution: string;
  readonly error?: string;
  readonly input?: object;
};

export type PlanningFacts = {
  readonly caller: string;
  readonly now: () => number;
  /** Returns the deployed policy; undefined if there is none. */
  readonly policy: () => Promise<SuturePolicy | undefined>;
  readonly accounts: Pick<AccountStore, 'read' | 'excluded'>;
};

/** After a rollback, returns the execution that fixed the finding or left it alone; otherwise the last one. */
export const executionToReplay = (
  { ofStatus, lastExecution }: LedgerRecord,
  history: readonly HistoryLine[],
): string =>
  ofStatus === 'ROLLED_BACK'
    ? (history.findLast(({ job: { work } }) => work?.mode !== 'rollback')?.job.execution ?? lastExecution)
    : lastExecution;

/** Decides how a finding is replayed. Start options need a new execution, because a redriven one keeps its input. */
export async function planReplayStep(
  record: LedgerRecord,
  execution: string,
  startOptions: StartOptions,
  executions: WorkflowExecutions,
  facts: PlanningFacts,
): Promise<ReplayStep> {
  const { caller, now } = facts;
  const { findingId, ofControl: control, ofAccount: account, ofResource: resource, error } = record;
  const step = (how: ReplayStep['how'], why: string, input?: object): ReplayStep => ({
    ...{ findingId, control, account, resource, execution, error },
    ...{ how, why, input },
  });
  const description = await executions.describe(execution);
  if (!description)
    return step(
      'leave',
      'Step Functions has deleted the execution and its input. Security Hub may still have the finding: suture backfill --since 90d --reason "…"',
    );
  const endsWait = startOptions.early && waitsForOwner(record);
  if (startOptions.early && !endsWait) return step('leave', 'it does not wait for its owner: leave out --early');
  if (description.status === 'RUNNING' && !endsWait)
    return step(
      'leave',
      'its execution is running, or waits for a person, a window or its owner. After an error that passes, such as PolicyUnavailable or Throttled, Suture tries again by itself for up to about an hour and a half',
    );
  const hasOptions = Object.keys(startOptions).length > 0;
  const leftAlone = hasOptions ? undefined : await nowLeftAlone(record, facts);
  const obstacle =
    leftAlone ?? (hasOptions ? obstacleOf(startOptions) : await redriveObstacle(description, record, executions));
  if (obstacle === undefined)
    return step('redrive', `continues in ${record.job.result ? 'Report' : 'the state that failed'}`);
  const duplicate = duplicateReason(record, now());
  // Triage ends it before the proxy would look for duplicates.
  if (duplicate && leftAlone === undefined && !startOptions.again && !endsWait)
    return step('leave', `${duplicate}. It is replayed anyway with --again`);
  const original: object = JSON.parse(description.input ?? '{}');
  if ('rollback' in original) return step('start', obstacle, { ...original, askedBy: caller });
  const options: Pick<FindingEvent, 'askedBy' | 'startOptions' | 'replay-name'> = {
    askedBy: caller,
    startOptions: hasOptions ? startOptions : undefined,
    // Triage would take the event of an earlier replay of archived events for a duplicate.
    'replay-name': undefined,
  };
  return step('start', obstacle, { ...original, ...options });
}

/** Returns why triage would leave a failed finding alone. A redriven execution would fail with Stopped instead. */
async function nowLeftAlone(
  { ofStatus, job }: LedgerRecord,
  { policy, accounts, now }: PlanningFacts,
): Promise<string | undefined> {
  // A replay of these must not depend on AppConfig: triage decides again, or no policy stops them.
  if (ofStatus !== 'FAILED' || !job.work || job.work.mode === 'rollback') return undefined;
  const { account } = job.finding;
  const inactive = account && inactiveReason(account, await accounts.read(account), (await accounts.excluded()) ?? []);
  const deployed = inactive ? undefined : await policy();
  const reason = inactive || (deployed && leftAloneReason(job, deployed, new Date(now())));
  return reason && `triage decides again. ${reason}`;
}

/** Whether its execution waits for the owner. After a replay, that execution ends as a duplicate of the new one. */
const waitsForOwner = ({ ofStatus, job }: LedgerRecord): boolean => ofStatus === 'WAITING' && job.dueBy !== undefined;

function obstacleOf({ again, early }: StartOptions): string {
  if (early) return 'the time of its owner ends, because of --early';
  return again ? 'a new execution, because of --again' : 'planning alone needs a new execution';
}

async function redriveObstacle(
  { executionArn, status, redriveStatus, redriveStatusReason }: ExecutionFacts,
  { error, job }: LedgerRecord,
  executions: WorkflowExecutions,
): Promise<string | undefined> {
  if (status === 'SUCCEEDED') return 'a new execution: the last one ended without an error';
  // A redriven execution would archive under the same suppression, which may have ended.
  if (error === 'FindingUpdateRefused') return 'triage decides again, because its archive was refused';
  if (job.work && job.work.signature === undefined) return 'triage decides again, because an earlier release began it';
  if (redriveStatus !== 'REDRIVABLE') return redriveStatusReason ?? 'Step Functions cannot continue it';
  if (!(await executions.hasCurrentDefinition(executionArn!))) return 'the workflow was changed since';
  return undefined;
}

/** Returns why the proxy would treat a new execution as a duplicate. */
function duplicateReason({ ofStatus, blockedUntil, attempts }: LedgerRecord, now: number): string | undefined {
  if (ofStatus === 'ROLLED_BACK') return 'it was rolled back';
  if (attempts >= MAX_FAILED_EXECUTIONS) return `${attempts} executions failed on it`;
  if (ofStatus !== 'PLANNED' && now <= blockedUntil)
    return `an execution handled it within the hour; until ${new Date(blockedUntil).toISOString()} a new one is a duplicate`;
  return undefined;
}
