/**
 * The ledger's shape: what it keeps of a finding, under which keys, and by which indexes it is found. Functions write it,
 * the command line reads it, the stack makes table and indexes from the names here.
 *
 * | partition key      | sort key                        | what                                                        |
 * |--------------------|---------------------------------|-------------------------------------------------------------|
 * | `finding#<id>`     | `record`                        | where a finding stands: one item, the only one in the indexes |
 * | `finding#<id>`     | `history#<started>#<execution>` | how an execution ended, with its whole case                 |
 * | `statistics#<day>` | `<account>#<control>`           | how many ended how on that day, and how long fixes took     |
 *
 * What stops changes is in `stops.ts`.
 */
import * as z from 'zod';
import type { Job } from './job.ts';
import { outcomeOf } from './outcome.ts';
import { hash } from './trace.ts';

/** Where a finding stands. `OPEN`: an execution has it; `WAITING`: for a person or a window; the others are ends. */
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

/** How an execution ended. A duplicate says nothing about where the finding stands. */
export const Ending = FindingStatus.exclude(['OPEN', 'WAITING']).or(z.literal('DUPLICATE'));
export type Ending = z.infer<typeof Ending>;

/** The error of a finding that fails though it was fixed again and again. */
export const STILL_FAILING = 'StillFailing';

/** Why an execution failed. */
export const Failure = z.object({
  error: z.string(),
  /** The function's message, without what Lambda wraps around it. */
  message: z.string(),
  /** The state of the workflow that failed; absent where its history could not be read. */
  state: z.string().optional(),
  /** Times that the state was tried. */
  attempts: z.int().optional(),
  /** ISO 8601. */
  at: z.string(),
});
export type Failure = z.infer<typeof Failure>;

/** Days for which a fix can be undone, from its last write on: the journal keeps what was before for so long. */
export const ROLLBACK_DAYS = 365;
/** Days of the ledger's memory: as long as there may be something to undo; and of what Suture had no part in. */
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
 * Indexes, by the attribute that is their partition key. Only records have the first four, sorted by `changedAt`; both
 * records and lines of the history have `trace`.
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

/** What a list shows of a finding: attributes of the record, which the sorted indexes hold too. */
export const LedgerStatus = z.object({
  ofStatus: FindingStatus,
  ofControl: z.string().optional(),
  ofAccount: z.string().optional(),
  ofResource: z.string().optional(),
  /** ISO 8601; of the last change. */
  changedAt: z.string(),
  region: z.string().optional(),
  severity: z.string().optional(),
  remediation: z.string().optional(),
  /** Why, in a line. */
  reason: z.string(),
  error: z.string().optional(),
  /** ARN of the execution that dealt with it last, and when that one started. */
  lastExecution: z.string(),
  lastStarted: z.string(),
  /** When the event arrived, and when this end was reached, ISO 8601. */
  receivedAt: z.string(),
  settledAt: z.string().optional(),
  /** 32 hex digits, as in the SourceIdentity of the execution's calls. */
  trace: z.string(),
});
export type LedgerStatus = z.infer<typeof LedgerStatus>;

/** What the sorted indexes hold besides their keys. */
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

/** Characters of a reason in a record; the history has it whole. */
const REASON = 300;

/** Where a case that came to this status stands. `at` is ISO 8601. */
export function ledgerStatus(job: Job, status: FindingStatus, at: string, failure?: Failure): LedgerStatus {
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
    reason: reason.length > REASON ? `${reason.slice(0, REASON - 1)}…` : reason,
    error: failure?.error,
    lastExecution: execution,
    lastStarted: started,
    receivedAt: receivedAt(job),
    settledAt: status === 'OPEN' || status === 'WAITING' ? undefined : at,
    trace: hash(execution),
  };
}

/** The last word on a job: what its result says, before that what triage said. */
export function reasonOf(made: Pick<Job, 'result' | 'reason' | 'approval' | 'work' | 'askedBy'>): string {
  const { result, reason, approval } = made;
  if (outcomeOf({ route: 'remediate', ...made }) === 'ROLLED_BACK') return `rolled back by ${made.askedBy}`;
  if (approval && !approval.approved) return approval.reason ?? `denied by ${approval.by}`;
  if (result && 'because' in result) return result.because;
  if (result && 'summary' in result) return result.summary;
  return reason;
}

/** How a case that came to its end without an error ended. */
export function endingOf(made: Job): Ending {
  if (made.result?.kind === 'duplicate') return 'DUPLICATE';
  const outcome = outcomeOf(made);
  if (outcome === 'WAITING' || outcome === null) return made.route === 'reject' ? 'REJECTED' : 'IGNORED';
  return outcome;
}

/** When the finding's event arrived; cases made before it was kept have the execution's start. */
export const receivedAt = ({ receivedAt, started }: Job): string => receivedAt ?? started;
