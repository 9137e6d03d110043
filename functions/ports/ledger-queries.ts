import type { Job } from '../domain/job.ts';
import type { Ending, ExecutionFailure, FindingStatus, LedgerStatus } from '../domain/ledger.ts';
import type { FailedAttempts } from '../domain/steps.ts';

export type LedgerListItem = LedgerStatus & { readonly findingId: string };

/** Includes the job of the last execution, as far as that has come. */
export type LedgerRecord = LedgerListItem & {
  readonly job: Job;
  /** Reopenings since its last fix, and the time of the latest. */
  readonly reopened: number;
  readonly reopenedAt?: string;
  readonly blockedUntil: number;
  /** Executions that failed on it since it was last closed. */
  readonly attempts: number;
};

export type HistoryLine = {
  readonly findingId: string;
  readonly outcome: Ending;
  readonly at: string;
  readonly job: Job;
  readonly failure?: ExecutionFailure;
};

/** A filter with status, control, account, resource or suppression reads one index; the other fields narrow its result. */
export type LedgerFilter = {
  readonly status?: FindingStatus;
  readonly control?: string;
  readonly account?: string;
  readonly resource?: string;
  readonly suppression?: string;
  readonly remediation?: string;
  readonly error?: string;
  readonly region?: string;
  readonly severity?: string;
  /** A part of the finding's id, its resource, its last execution or that execution's source identity. */
  readonly mentions?: string;
  readonly since?: string;
  readonly until?: string;
};

/**
 * `next` is the token of the following page. A page may hold fewer items than the limit, even none, and not be the
 * last.
 */
export type LedgerPage<T> = { readonly items: readonly T[]; readonly next?: string };
export type LedgerPaging = { readonly next?: string; readonly limit?: number; readonly oldestFirst?: boolean };

export type DayStatistics = {
  /** Such as `2026-11-22`, in UTC. */
  readonly day: string;
  /** `-` where findings named none. */
  readonly account: string;
  readonly control: string;
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  /** Findings whose owner was told and given time. */
  readonly told: number;
  /** Findings that their owners fixed after they were told, also those without time (NOTIFIED). */
  readonly fixed: number;
  /** Executions that found their last fix undone by a deployment of the owner. */
  readonly reverted: number;
  /** Fixes by the bucket (`domain/durations.ts`) of the time from the finding's arrival to the verified fix. */
  readonly durations: Readonly<Record<number, number>>;
};

export type LedgerQueries = {
  /** The newest change first. Without a filter, status by status. */
  list(filter: LedgerFilter, paging?: LedgerPaging): Promise<LedgerPage<LedgerListItem>>;
  /** Takes one query for each megabyte of the index. */
  count(
    filter: LedgerFilter & ({ readonly status: FindingStatus } | { readonly suppression: string }),
  ): Promise<number>;
  record(findingId: string): Promise<LedgerRecord | undefined>;
  history(findingId: string): Promise<HistoryLine[]>;
  /** Returns the ARNs of the finished executions of a finding, without their jobs. */
  executionsOf(findingId: string): Promise<string[]>;
  /** @param name the execution's ARN, its source identity, or the 32 digits of it (an approval's id) */
  byExecution(name: string): Promise<{ readonly findingId: string; readonly line?: HistoryLine } | undefined>;
  /** Returns the errors in order. */
  failedAttempts(execution: string): Promise<FailedAttempts>;
  statistics(days: readonly string[]): Promise<DayStatistics[]>;
};
