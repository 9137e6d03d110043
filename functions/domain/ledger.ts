/**
 * The ledger's items, keys and indexes. Functions write them, the command line reads them, and the stack creates table and
 * indexes from the names here.
 *
 * | partition key      | sort key                        | what                                                        |
 * |--------------------|---------------------------------|-------------------------------------------------------------|
 * | `finding#<id>`     | `record`                        | a finding's status: one item, the only one in the sorted indexes |
 * | `finding#<id>`     | `history#<started>#<execution>` | how an execution ended, with its job                        |
 * | `statistics#<day>` | `<account>#<control>`           | counts of endings on that day, and of durations of fixes    |
 *
 * `stops.ts` has the items that stop changes.
 */
import * as z from 'zod';
import type { Job } from './job.ts';
import { outcomeOf } from './outcome.ts';
import { hash } from './trace.ts';

/** Statuses of a finding. `OPEN`: an execution handles it; `WAITING`: for a person or a window; the others are ends. */
export const STATUSES = [
  'OPEN',
  'WAITING',
  'FAILED',
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'PLANNED',
  'ARCHIVED',
  'IGNORED',
  'REJECTED',
  'ROLLED_BACK',
] as const;
export const FindingStatus = z.enum(STATUSES);
export type FindingStatus = z.infer<typeof FindingStatus>;

/** The end of an execution. A duplicate leaves the finding's status. */
export const Ending = FindingStatus.exclude(['OPEN', 'WAITING']).or(z.literal('DUPLICATE'));
export type Ending = z.infer<typeof Ending>;

/** The error of a finding that still fails after several fixes. */
export const STILL_FAILING = 'StillFailing';

/** The failure of an execution. */
export const ExecutionFailure = z.object({
  error: z.string(),
  /** The function's message, without what Lambda wraps around it. */
  message: z.string(),
  /** The state of the workflow that failed; absent where its history could not be read. */
  state: z.string().optional(),
  /** Attempts of that state. */
  attempts: z.int().optional(),
  /** ISO 8601. */
  at: z.string(),
});
export type ExecutionFailure = z.infer<typeof ExecutionFailure>;

/** Days after its last write in which a fix can be undone: the journal keeps the state before for this long. */
export const ROLLBACK_DAYS = 365;
/** Days for which the ledger keeps a finding, and a finding in which Suture had no part. */
export const KEPT_DAYS = ROLLBACK_DAYS;
export const KEPT_DAYS_WITHOUT_PART = 30;
const WITHOUT_PART: ReadonlySet<string> = new Set(['IGNORED', 'REJECTED', 'DUPLICATE'] satisfies Ending[]);
export const keptDays = (ending: FindingStatus | Ending): number =>
  WITHOUT_PART.has(ending) ? KEPT_DAYS_WITHOUT_PART : KEPT_DAYS;

export const findingKey = (findingId: string): string => `finding#${findingId}`;
export const RECORD = 'record';
export const HISTORY = 'history#';
export const historyKey = ({ started, execution }: Pick<Job, 'started' | 'execution'>): string =>
  `${HISTORY}${started}#${execution}`;
/** `day` is `2026-11-22`. */
export const statisticsKey = (day: string): string => `statistics#${day}`;

/**
 * Indexes, by the attribute that is their partition key. Only records have the attributes of the sorted ones, whose sort key
 * is `changedAt`; records and lines of the history have `trace`.
 */
export const INDEXES = {
  ofStatus: { name: 'by-status', sorted: true },
  ofControl: { name: 'by-control', sorted: true },
  ofAccount: { name: 'by-account', sorted: true },
  ofResource: { name: 'by-resource', sorted: true },
  trace: { name: 'by-execution', sorted: false },
} as const;
export type IndexKey = keyof typeof INDEXES;
export const CHANGED_AT = 'changedAt';

/** A finding's status with what a list shows: attributes of the record, which the sorted indexes hold too. */
export const LedgerStatus = z.object({
  ofStatus: FindingStatus,
  ofControl: z.string().optional(),
  ofAccount: z.string().optional(),
  ofResource: z.string().optional(),
  /** Time of the last change, ISO 8601. */
  changedAt: z.string(),
  region: z.string().optional(),
  severity: z.string().optional(),
  remediation: z.string().optional(),
  /** The reason for the status, in a line. */
  reason: z.string(),
  error: z.string().optional(),
  /** ARN and start of the execution that handled it last. */
  lastExecution: z.string(),
  lastStarted: z.string(),
  /** Arrival of the event, and time of this end, ISO 8601. */
  receivedAt: z.string(),
  settledAt: z.string().optional(),
  /** 32 hex digits, as in the SourceIdentity of the execution's calls. */
  trace: z.string(),
});
export type LedgerStatus = z.infer<typeof LedgerStatus>;

/** Attributes that the sorted indexes hold besides their keys. */
export const PROJECTED = [
  'region',
  'severity',
  'remediation',
  'reason',
  'error',
  'lastExecution',
  'lastStarted',
  'receivedAt',
  'settledAt',
] as const satisfies readonly (keyof LedgerStatus)[];

/** Maximum length of a reason in a record; the history has all of it. */
const MAX_REASON = 300;

/** Returns the record's attributes for a job with this status. `at` is ISO 8601. */
export function ledgerStatus(job: Job, status: FindingStatus, at: string, failure?: ExecutionFailure): LedgerStatus {
  const { finding, work, execution, started } = job;
  const reason = failure?.message ?? reasonOf(job);
  return {
    ofStatus: status,
    ofControl: finding.control || undefined,
    ofAccount: finding.account || undefined,
    ofResource: finding.resource?.Id || undefined,
    changedAt: at,
    region: finding.region,
    severity: finding.severity,
    remediation: work?.remediation,
    reason: reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON - 1)}…` : reason,
    error: failure?.error,
    lastExecution: execution,
    lastStarted: started,
    receivedAt: receivedAt(job),
    settledAt: status === 'OPEN' || status === 'WAITING' ? undefined : at,
    trace: hash(execution),
  };
}

/** Returns the reason for a job's end: that of its result, else that of triage. */
export function reasonOf(job: Pick<Job, 'result' | 'reason' | 'approval' | 'work' | 'askedBy'>): string {
  const { result, reason, approval } = job;
  if (outcomeOf({ route: 'remediate', ...job }) === 'ROLLED_BACK') return `rolled back by ${job.askedBy}`;
  if (approval && !approval.approved) return approval.reason ?? `denied by ${approval.by}`;
  if (result && 'because' in result) return result.because;
  if (result && 'summary' in result) return result.summary;
  return reason;
}

/** Returns the end of a job that ended without an error. */
export function endingOf(job: Job): Ending {
  if (job.result?.kind === 'duplicate') return 'DUPLICATE';
  const outcome = outcomeOf(job);
  if (outcome === 'WAITING' || outcome === null) return job.route === 'reject' ? 'REJECTED' : 'IGNORED';
  return outcome;
}

/** Returns the arrival of the finding's event, or the execution's start where the job has none. */
export const receivedAt = ({ receivedAt, started }: Job): string => receivedAt ?? started;
