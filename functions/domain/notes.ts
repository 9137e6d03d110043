/** Notes on findings: constant for a remediation and verdict, so that updates can be grouped. */
import { graceReason, isFixedByOwner } from './grace.ts';
import type { ApprovalAnswer, Job } from './job.ts';
import { LEFT_ALONE } from './outcome.ts';

/** Begins each note that asks something of an owner. By it, a rule recognizes findings that their owners may fix. */
export const OWNER_NOTE = 'Suture to its owner, ';

/**
 * Returns undefined if the finding stays NEW: Suture never writes to such a finding, because each write returns as an
 * event.
 */
export function noteOf(job: NotedJob): string | undefined {
  const { work, result, approval, askedBy, owner } = job;
  if (!work || !result) return undefined;
  const by = `Suture, ${work.remediation}`;
  const toOwner = `${OWNER_NOTE}${work.remediation}${ownerText(owner)}`;
  if (work.mode === 'rollback')
    return result.kind === 'refused' ? undefined : `${by}: rolled back by ${askedBy}; ${LEFT_ALONE}.`.slice(0, 512);
  if (approval && !approval.approved) return `${by}: not changed: ${denial(approval)}`.slice(0, 512);
  const waiting = graceReason(job);
  if (waiting !== undefined) return `${toOwner}: ${waiting}`.slice(0, 512);
  if (isFixedByOwner(job)) return `${by}: fixed by its owner.`;
  if (result.kind === 'fixed')
    return `${by}: fixed and verified. Security Hub resolves the finding when it evaluates the control again.`;
  if (result.kind === 'compliant')
    return `${by}: ${result.because}. Security Hub resolves the finding when it evaluates the control again.`;
  if (result.kind === 'refused') return `${by}: left alone: ${result.because}`.slice(0, 512);
  if (result.kind === 'notified') return `${toOwner}: not changed: ${result.because}`.slice(0, 512);
  return undefined;
}

/**
 * Whether the job's finding is NOTIFIED although the job goes on: its owner was told, or a person asked. If the job
 * then fails, that note must not stay.
 */
export const isNotedBefore = ({ toldAt, dueBy, approval, result }: NotedJob): boolean =>
  toldAt !== undefined ||
  dueBy !== undefined ||
  approval !== undefined ||
  (result?.kind === 'planned' && result.awaits === 'approval');

/** Returns undefined for a finding that stays NEW. The ledger has the message of the error. */
export function noteOfFailure(job: NotedJob, error: string): string | undefined {
  if (!job.work || !isNotedBefore(job)) return undefined;
  return `Suture, ${job.work.remediation}: failed with ${error}. Nothing more happens until somebody replays it.`;
}

/** Names the owner. Notes of fixed findings do not, because one update has many of them with the same note. */
const ownerText = (owner: Job['owner']): string => (owner ? ` (for ${owner.name})` : '');

type NotedJob = Pick<Job, 'work' | 'result' | 'approval' | 'askedBy' | 'owner' | 'dueBy' | 'toldAt'>;

const denial = ({ by, reason }: ApprovalAnswer) =>
  by === 'nobody' ? (reason ?? 'no answer') : `denied by ${by}${reason ? `: ${reason}` : ''}`;

export const noteOfEndedSuppression = (suppression: string): string =>
  `Suture: the suppression ${suppression} has ended, so it is processed again.`;

/** Afterwards a person must look. */
export const MAX_REOPENINGS = 2;

export const noteOfReopening = (times: number): string =>
  `Suture: still fails a day after it was fixed, so it is processed again (${times} of ${MAX_REOPENINGS}).`;
