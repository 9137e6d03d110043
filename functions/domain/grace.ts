/** The time that the owner of a finding's resource has: until when, and what is told in it. Pure. */
import type { Job } from './job.ts';
import type { ResourceOwner } from './resource-owner.ts';

const DAY_MS = 24 * 3_600_000;
/** The owner is reminded this long before the end of the owner's time, unless that time is no longer than this. */
export const REMINDER_MS = DAY_MS;

/** Facts of the ledger about the finding when triage decides. */
export type NoticeFacts = {
  /** When its owner was told, since the finding was last closed. */
  readonly toldAt?: string | undefined;
  /** Whether an execution has tried to change the resource since. */
  readonly isAttempted: boolean;
  /** The last execution of the finding, and its start. */
  readonly execution?: string | undefined;
  readonly started?: string | undefined;
};

/** The owner of a finding that is NOTIFIED, or whose execution waits for the end of the owner's time. */
export type OwnersTurn = {
  /** Absent if an execution has tried to change the resource since. */
  readonly toldAt?: string | undefined;
  readonly owner?: ResourceOwner | undefined;
};

/** Whether the owner has time now. Before anybody told the owner, the time has not begun. */
export const isInGrace = (graceMs: number, { toldAt }: Pick<NoticeFacts, 'toldAt'>, now: number): boolean =>
  graceMs > 0 && (toldAt === undefined || now < Date.parse(toldAt) + graceMs);

/**
 * Returns when the execution last had a reason to wait: its start, the reminder or the end of the owner's time. Caps let
 * it wait for a day from then on.
 */
export function waitingSince(started: string, graceMs: number, { toldAt }: Pick<NoticeFacts, 'toldAt'>, now: number) {
  if (graceMs <= 0 || toldAt === undefined) return Date.parse(started);
  const dueBy = Date.parse(toldAt) + graceMs;
  return Math.max(...[Date.parse(started), dueBy - REMINDER_MS, dueBy].filter((each) => each <= now), 0);
}

/** Returns the job with the end of the owner's time, what is told now, and when triage decides again. */
export function withNotice(job: Job, toldAt: string, now: number): Job {
  const graceMs = (job.graceSeconds ?? 0) * 1000;
  const dueAt = Date.parse(toldAt) + graceMs;
  const remindAt = graceMs > REMINDER_MS ? dueAt - REMINDER_MS : undefined;
  const isFirst = remindAt === undefined || now < remindAt;
  const until = isFirst ? (remindAt ?? dueAt) : dueAt;
  return { ...job, toldAt, dueBy: isoOf(dueAt), until: isoOf(until), notice: isFirst ? 'first' : 'reminder' };
}

const isoOf = (time: number): string => new Date(time).toISOString();

/** Whether the job tells its owner, and then waits. */
export const tellsOwner = ({ graceSeconds, result }: Pick<Job, 'graceSeconds' | 'result'>): boolean =>
  graceSeconds !== undefined && result?.kind === 'planned' && result.awaits !== undefined;

/** Whether the owner was told, and the resource is as it should be before Suture tried to change it. */
export const isFixedByOwner = ({ toldAt, result, work }: Pick<Job, 'toldAt' | 'result' | 'work'>): boolean =>
  toldAt !== undefined && result?.kind === 'compliant' && work?.mode !== 'rollback';

/** The beginning of the reason of a wait for the owner. It distinguishes this wait from others. */
export const WAITS_FOR_OWNER = 'waits for its owner';

/** Returns the reason of a wait for the owner; undefined for other jobs. */
export function graceReason({ dueBy, result }: Pick<Job, 'dueBy' | 'result'>): string | undefined {
  if (dueBy === undefined || result?.kind !== 'planned' || result.awaits === undefined) return undefined;
  const then = result.awaits === 'approval' ? 'a person is asked to approve this' : 'Suture does this';
  return `${WAITS_FOR_OWNER} until ${dueBy}, then ${then}: ${result.summary}`;
}
