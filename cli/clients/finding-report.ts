/**
 * A report of a finding from the ledger: its record and, for each execution, its job, the states in which functions
 * worked, and links. It has no histories of executions, because they contain task tokens.
 */
import { SFNClient } from '@aws-sdk/client-sfn';
import { describeExecution } from '../../functions/aws/workflow-executions.ts';
import { isDenial } from '../../functions/contract/errors.ts';
import type { Job, MemberCall } from '../../functions/domain/job.ts';
import { reasonOf } from '../../functions/domain/ledger.ts';
import { type StateVisit, stateVisits } from '../../functions/domain/steps.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import type { HistoryLine, LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import { type ExecutionResult, isFailedExecution } from '../output/execution-results.ts';
import { type ConsoleLinks, consoleLinks } from './console-links.ts';
import { executionResult } from './execution-result.ts';
import type { Operator } from './operator.ts';
import { type PersonRequest, personRequests } from './person-requests.ts';

export type UnrecordedFailure = Pick<ExecutionResult, 'status' | 'outcome' | 'why'>;

export type ExecutionReport = {
  readonly execution: string;
  readonly sourceIdentity: string;
  readonly started: string;
  readonly outcome?: HistoryLine['outcome'];
  readonly ended?: string;
  readonly job: Job;
  readonly reason: string;
  readonly failure?: HistoryLine['failure'];
  /** For an execution without an end in the ledger: its failure, as Step Functions has it, or that the person may not ask. */
  readonly unrecorded?: UnrecordedFailure | 'not permitted';
  readonly visits: readonly StateVisit[];
  /** Of the last attempt that failed, up to its failure. */
  readonly failedCalls: readonly MemberCall[];
  readonly links: ConsoleLinks;
  /** The people who started or continued it, with their reasons. */
  readonly requests: readonly PersonRequest[];
};

export type FindingReport = {
  readonly findingId: string;
  /** Absent if the ledger has only duplicates of the finding. */
  readonly record?: LedgerRecord;
  /** Oldest first. */
  readonly executions: readonly ExecutionReport[];
};

export async function readFindingReport(operator: Operator, findingId: string): Promise<FindingReport> {
  const [record, history] = await Promise.all([operator.ledger.record(findingId), operator.ledger.history(findingId)]);
  const lines = history.map(({ job, outcome, at, failure }) => ({ job, outcome, ended: at, failure }));
  const hasEnded = !record || lines.some(({ job }) => job.execution === record.lastExecution);
  const unrecorded = hasEnded || record?.ofStatus !== 'OPEN' ? undefined : await unrecordedFailure(operator, record);
  const executions: ExecutionReport[] = [];
  for (const line of hasEnded ? lines : [...lines, { job: record.job, unrecorded }]) {
    const { errors, calls } = await operator.ledger.failedAttempts(line.job.execution);
    executions.push({
      ...line,
      execution: line.job.execution,
      sourceIdentity: sourceIdentity(line.job.execution),
      started: line.job.started,
      reason: reasonOf(line.job),
      visits: stateVisits(line.job, errors),
      failedCalls: calls,
      links: consoleLinks(line.job, operator.region),
      requests: await personRequests(operator, findingId, line.job),
    });
  }
  return { findingId, record, executions };
}

/** Asks Step Functions, which viewers may not. */
export async function unrecordedFailure(
  { aws }: Pick<Operator, 'aws'>,
  { lastExecution }: Pick<LedgerRecord, 'lastExecution'>,
): Promise<ExecutionReport['unrecorded']> {
  try {
    const execution = await describeExecution(new SFNClient(aws), lastExecution);
    if (!execution) return undefined;
    const result = executionResult(execution);
    return isFailedExecution(result) ? { status: result.status, outcome: result.outcome, why: result.why } : undefined;
  } catch (error) {
    if (isDenial(error)) return 'not permitted';
    throw error;
  }
}
