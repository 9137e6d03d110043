import type { Job } from '../domain/job.ts';
import type { Ending, ExecutionFailure, FindingStatus, LedgerStatus } from '../domain/ledger.ts';

/** A finding in a list. */
export type LedgerListItem = LedgerStatus & { readonly findingId: string };

/** A finding with the job of its last execution, as far as that came. */
export type LedgerRecord = LedgerListItem & {
  readonly job: Job;
  /** Times that it was set back to NEW since its last fix, and when it last was, ISO 8601. */
  readonly reopened: number;
  readonly reopenedAt?: string;
  /** Until then (milliseconds since 1970), other executions are duplicates. */
  readonly blockedUntil: number;
  /** Executions that failed on it since it was last closed. */
  readonly attempts: number;
};

/** The end of one execution. */
export type HistoryLine = {
  readonly findingId: string;
  readonly outcome: Ending;
  /** ISO 8601. */
  readonly at: string;
  readonly job: Job;
  readonly failure?: ExecutionFailure;
};

/** A filter with status, control, account or resource reads one index; the other fields narrow its result. */
export type LedgerFilter = {
  readonly status?: FindingStatus;
  readonly control?: string;
  readonly account?: string;
  readonly resource?: string;
  readonly remediation?: string;
  readonly error?: string;
  /** ISO 8601: changed at or after `since`, and before `until`. */
  readonly since?: string;
  readonly until?: string;
};

/** `next` is the token of the following page. A page may hold fewer items than the limit, even none, and not be the last. */
export type LedgerPage<T> = { readonly items: readonly T[]; readonly next?: string };
export type LedgerPaging = { readonly next?: string; readonly limit?: number; readonly oldestFirst?: boolean };

/** One day's counts of one account and control. */
export type DayStatistics = {
  /** `2026-11-22`, UTC. */
  readonly day: string;
  /** `-` where findings named none. */
  readonly account: string;
  readonly control: string;
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  /** Fixes by the bucket of the time from the finding's arrival to the verified fix: see `domain/durations.ts`. */
  readonly durations: Readonly<Record<number, number>>;
};

export type LedgerQueries = {
  /** The newest change first. Without a filter, status by status. */
  list(filter: LedgerFilter, paging?: LedgerPaging): Promise<LedgerPage<LedgerListItem>>;
  /** Counts with one query for each megabyte of the index. */
  count(filter: LedgerFilter & { readonly status: FindingStatus }): Promise<number>;
  record(findingId: string): Promise<LedgerRecord | undefined>;
  /** The oldest first. */
  history(findingId: string): Promise<HistoryLine[]>;
  /** Finds by the execution's ARN, its source identity, or the 32 digits of it (an approval's id). */
  byExecution(name: string): Promise<{ readonly findingId: string; readonly line?: HistoryLine } | undefined>;
  /** All accounts and controls of these days. */
  statistics(days: readonly string[]): Promise<DayStatistics[]>;
};
