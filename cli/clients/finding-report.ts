/**
 * A report of a finding from the ledger: its record and, for each execution, its job, the states in which functions
 * worked, and links. It has no histories of executions, because they contain task tokens.
 */
import type { Job } from '../../functions/domain/job.ts';
import { reasonOf } from '../../functions/domain/ledger.ts';
import { type StateVisit, stateVisits } from '../../functions/domain/steps.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import type { HistoryLine, LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import { type ConsoleLinks, consoleLinks } from './console-links.ts';
import type { Operator } from './operator.ts';
import { type PersonRequest, personRequests } from './person-requests.ts';

export type ExecutionReport = {
  readonly execution: string;
  readonly sourceIdentity: string;
  readonly started: string;
  readonly outcome?: HistoryLine['outcome'];
  readonly ended?: string;
  readonly job: Job;
  readonly reason: string;
  readonly failure?: HistoryLine['failure'];
  readonly visits: readonly StateVisit[];
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
  const executions: ExecutionReport[] = [];
  for (const line of hasEnded ? lines : [...lines, { job: record.job }])
    executions.push({
      ...line,
      execution: line.job.execution,
      sourceIdentity: sourceIdentity(line.job.execution),
      started: line.job.started,
      reason: reasonOf(line.job),
      visits: stateVisits(line.job, await operator.ledger.attemptErrors(line.job.execution)),
      links: consoleLinks(line.job, operator.region),
      requests: await personRequests(operator, findingId, line.job),
    });
  return { findingId, record, executions };
}
