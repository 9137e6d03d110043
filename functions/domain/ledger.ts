/**
 * The ledger's items, keys and indexes. Functions write them, the command line reads them, and the stack creates table
 * and indexes from the names here.
 *
 * | partition key      | sort key                        | what                                                     |
 * |--------------------|---------------------------------|----------------------------------------------------------|
 * | `finding#<id>`     | `record`                        | a finding's status, the only item in the sorted indexes  |
 * | `finding#<id>`     | `history#<started>#<execution>` | how an execution ended, with its job                     |
 * | `errors#<32 digits>` | `errors`                      | the errors of an execution's attempts                    |
 * | `statistics#<day>` | `<account>#<control>`           | counts of endings on that day, and of durations of fixes |
 * | `suppressions`     | `<id>`                          | since when a suppression of the policy has archived      |
 * | `hidden`           | `<day>`                         | counts by account of failing findings set aside by others |
 *
 * `stops.ts` has the items that stop changes.
 */
import * as z from 'zod';
import { graceReason, isFixedByOwner } from './grace.ts';
import type { Job } from './job.ts';
import { outcomeOf } from './outcome.ts';
import { hash } from './trace.ts';

/**
 * `OPEN`: an execution handles the finding; `WAITING`: for a person or a window; the others are final. `NOTIFIED`: those
 * who manage the resource by code were told, and nothing was changed.
 */
export const STATUSES = [
  'OPEN',
  'WAITING',
  'FAILED',
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'NOTIFIED',
  'PLANNED',
  'ARCHIVED',
  'IGNORED',
  'REJECTED',
  'ROLLED_BACK',
] as const;
export const FindingStatus = z.enum(STATUSES);
export type FindingStatus = z.infer<typeof FindingStatus>;

/** A duplicate does not change the finding's status. */
export const Ending = FindingStatus.exclude(['OPEN', 'WAITING']).or(z.literal('DUPLICATE'));
export type Ending = z.infer<typeof Ending>;

export const STILL_FAILING = 'StillFailing';

export const ExecutionFailure = z.object({
  error: z.string(),
  /** The function's message, without Lambda's wrapping. */
  message: z.string(),
  /** Absent if the execution's history could not be read. */
  state: z.string().optional(),
  attempts: z.int().optional(),
  at: z.string(),
});
export type ExecutionFailure = z.infer<typeof ExecutionFailure>;

/** The journal keeps the state before a change for this long after its last write. */
export const ROLLBACK_DAYS = 365;
/** Retention of a finding, and of a finding that Suture did not handle. */
export const KEPT_DAYS = ROLLBACK_DAYS;
export const KEPT_DAYS_UNHANDLED = 30;
const UNHANDLED: ReadonlySet<string> = new Set(['IGNORED', 'REJECTED', 'DUPLICATE'] satisfies Ending[]);
export const keptDays = (ending: FindingStatus | Ending): number =>
  UNHANDLED.has(ending) ? KEPT_DAYS_UNHANDLED : KEPT_DAYS;

/** Returns the value of the attribute that is the table's time to live, in seconds. */
export const expiryTime = (now: number, days = KEPT_DAYS): string => String(Math.floor(now / 1000 + days * 86_400));

export const findingKey = (findingId: string): string => `finding#${findingId}`;
export const RECORD = 'record';
export const HISTORY = 'history#';
export const historyKey = ({ started, execution }: Pick<Job, 'started' | 'execution'>): string =>
  `${HISTORY}${started}#${execution}`;
export const historyExecution = (key: string): string => key.slice(key.indexOf('#', HISTORY.length) + 1);
/** Returns a pattern for all executions if the ARN is `*`. */
export const attemptErrorsKey = (execution: string) => ({
  pk: `errors#${execution === '*' ? '*' : hash(execution)}`,
  sk: 'errors',
});
export const SUPPRESSIONS = 'suppressions';
export const HIDDEN = 'hidden';
export const statisticsKey = (day: string): string => `statistics#${day}`;

/**
 * Indexes, by the attribute that is their partition key. Only records have the attributes of the sorted ones, whose
 * sort key is `changedAt`; records and lines of the history have `trace`. A new index comes last, because a table that
 * exists gets them one by one in this order.
 */
export const INDEXES = {
  ofStatus: { name: 'by-status', sorted: true },
  ofControl: { name: 'by-control', sorted: true },
  ofAccount: { name: 'by-account', sorted: true },
  ofResource: { name: 'by-resource', sorted: true },
  ofSuppression: { name: 'by-suppression', sorted: true },
  trace: { name: 'by-execution', sorted: false },
} as const;
export type IndexKey = keyof typeof INDEXES;
export const CHANGED_AT = 'changedAt';
/**
 * Partition keys that sorted indexes hold besides their own. CloudFormation cannot change what an index holds, so that
 * the key of a later index is not among them.
 */
export const PROJECTED_KEYS = [
  'ofStatus',
  'ofControl',
  'ofAccount',
  'ofResource',
  'ofSuppression',
] as const satisfies readonly IndexKey[];

/** The attributes of a record that lists show; the sorted indexes hold them too. */
export const LedgerStatus = z.object({
  ofStatus: FindingStatus,
  ofControl: z.string().optional(),
  ofAccount: z.string().optional(),
  ofResource: z.string().optional(),
  /** The suppression under which the finding is archived. */
  ofSuppression: z.string().optional(),
  changedAt: z.string(),
  region: z.string().optional(),
  severity: z.string().optional(),
  remediation: z.string().optional(),
  reason: z.string(),
  error: z.string().optional(),
  /** The last execution that handled the finding, and its start. */
  lastExecution: z.string(),
  lastStarted: z.string(),
  receivedAt: z.string(),
  settledAt: z.string().optional(),
  /** 32 hex digits, as in the SourceIdentity of the execution's calls. */
  trace: z.string(),
});
export type LedgerStatus = z.infer<typeof LedgerStatus>;

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

const MAX_REASON = 300;

export function ledgerStatus(job: Job, status: FindingStatus, at: string, failure?: ExecutionFailure): LedgerStatus {
  const { finding, work, execution, started } = job;
  const reason = failure?.message ?? reasonOf(job);
  return {
    ofStatus: status,
    ofControl: finding.control || undefined,
    ofAccount: finding.account || undefined,
    ofResource: finding.resource?.Id || undefined,
    ofSuppression: status === 'ARCHIVED' ? job.suppression : undefined,
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

/** Returns the reason that people see: that of the result, or else that of triage. */
export function reasonOf(job: ReasonedJob): string {
  const { result, reason, approval } = job;
  if (outcomeOf({ route: 'remediate', ...job }) === 'ROLLED_BACK') return `rolled back by ${job.askedBy}`;
  if (approval && !approval.approved) return approval.reason ?? `denied by ${approval.by}`;
  const waiting = graceReason(job);
  if (waiting !== undefined) return waiting;
  if (isFixedByOwner(job) && result?.kind === 'compliant')
    return `fixed by its owner, who was told ${job.toldAt}: ${result.because}`;
  if (result && 'because' in result) return result.because;
  if (result && 'summary' in result) return result.summary;
  return reason;
}

type ReasonedJob = Pick<Job, 'result' | 'reason' | 'approval' | 'work' | 'askedBy' | 'dueBy' | 'toldAt'>;

/** Returns how a job ended that has no error. */
export function endingOf(job: Job): Ending {
  if (job.result?.kind === 'duplicate') return 'DUPLICATE';
  const outcome = outcomeOf(job);
  if (outcome === 'WAITING' || outcome === null) return job.route === 'reject' ? 'REJECTED' : 'IGNORED';
  return outcome;
}

export const receivedAt = ({ receivedAt, started }: Job): string => receivedAt ?? started;
