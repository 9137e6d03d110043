/** How a finding is dealt with once more: by going on where its execution failed, by a new one, or not at all. */

import type { Wishes } from '../../functions/domain/asked.ts';
import type { Line, Recorded } from '../../functions/ledger/ledger-queries.ts';
import type { Executions } from './executions.ts';
import type { Operator } from './operator.ts';

/** Executions that may fail on one finding: the proxy's `MOST_ATTEMPTS`. */
const MOST_ATTEMPTS = 5;

export type Replaying = {
  readonly findingId: string;
  readonly control?: string;
  readonly account?: string;
  /** `leave`: nothing is done, for what `why` says. */
  readonly how: 'redrive' | 'start' | 'leave';
  readonly why: string;
  readonly execution: string;
  readonly error?: string;
  /** Of a new execution. */
  readonly input?: object;
};

/**
 * What a rollback undid is replayed by the execution that fixed it, or was left alone since; everything else by its last.
 */
export const replayed = ({ ofStatus, lastExecution }: Recorded, history: readonly Line[]): string =>
  ofStatus === 'ROLLED_BACK'
    ? (history.findLast(({ job: { work } }) => work?.mode !== 'rollback')?.job.execution ?? lastExecution)
    : lastExecution;

/** Wishes beyond what policy and duplicates allow are told to a new execution: one that is redriven keeps its input. */
export async function replayingOf(
  record: Recorded,
  execution: string,
  asks: Wishes,
  executions: Executions,
  { caller, now }: Pick<Operator, 'caller' | 'now'>,
): Promise<Replaying> {
  const { findingId, ofControl: control, ofAccount: account, error } = record;
  const plan = (how: Replaying['how'], why: string, input?: object): Replaying => ({
    findingId,
    control,
    account,
    execution,
    error,
    how,
    why,
    input,
  });
  const described = await executions.describe(execution);
  if (!described)
    return plan(
      'leave',
      'Step Functions has forgotten the execution and its input: suture backfill finds the finding in Security Hub',
    );
  if (described.status === 'RUNNING')
    return plan('leave', 'its execution is under way, or waits for a person or a window');
  const against =
    Object.keys(asks).length > 0 ? 'the wish goes to a new execution' : await againstRedrive(described, executions);
  if (against === undefined)
    return plan('redrive', `goes on in ${record.job.result ? 'Report' : 'the state that failed'}`);
  const duplicate = duplicateOf(record, now());
  if (duplicate && !asks.again) return plan('leave', `${duplicate}; --again replays it all the same`);
  const original: object = JSON.parse(described.input ?? '{}');
  if ('rollback' in original) return plan('start', against, { ...original, askedBy: caller });
  const wishes = Object.keys(asks).length > 0 ? { asks } : {};
  return plan('start', against, { ...original, asks: undefined, askedBy: caller, ...wishes });
}

async function againstRedrive(
  {
    executionArn,
    status,
    redriveStatus,
    redriveStatusReason,
  }: NonNullable<Awaited<ReturnType<Executions['describe']>>>,
  executions: Executions,
): Promise<string | undefined> {
  if (status === 'SUCCEEDED') return 'the last execution succeeded';
  if (redriveStatus !== 'REDRIVABLE') return redriveStatusReason ?? 'it cannot be redriven';
  if (!(await executions.hasCurrentDefinition(executionArn!))) return 'the workflow was changed since';
  return undefined;
}

/** What the proxy would say of a new execution. */
function duplicateOf({ ofStatus, blockedUntil, attempts }: Recorded, now: number): string | undefined {
  if (ofStatus === 'ROLLED_BACK') return 'it was rolled back';
  if (attempts >= MOST_ATTEMPTS) return `${attempts} executions failed on it`;
  if (ofStatus !== 'PLANNED' && now <= blockedUntil)
    return `it was dealt with within the hour, until ${new Date(blockedUntil).toISOString()} a new execution is a duplicate`;
  return undefined;
}
