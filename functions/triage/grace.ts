/** Lets the owner of a finding's resource act first, for as long as policy gives. Pure. */
import { isInGrace, type NoticeFacts } from '../domain/grace.ts';
import type { Job } from '../domain/job.ts';
import type { StartOptions } from '../domain/start-options.ts';
import type { TriageVerdict } from './decide.ts';

type GraceFields = Pick<Job, 'graceSeconds' | 'toldAt' | 'result'>;

/** Whether the verdict depends on what the ledger knows of the finding. */
export const dependsOnNotice = ({ work, graceMs = 0 }: TriageVerdict, options: StartOptions | undefined): boolean =>
  work !== undefined && graceMs > 0 && options?.mode !== 'plan';

/**
 * Returns a verdict that plans alone while the owner has time. Afterwards, the job says when the owner was told, so that
 * a resource that is compliant then counts as the owner's work.
 */
export function inOwnersTime(
  verdict: TriageVerdict,
  told: NoticeFacts,
  options: StartOptions | undefined,
  now: number,
): TriageVerdict & GraceFields {
  const { work, graceMs = 0 } = verdict;
  const { toldAt, isAttempted } = told;
  const known = toldAt !== undefined && !isAttempted ? { toldAt } : {};
  const hasTime = dependsOnNotice(verdict, options) && !options?.early && isInGrace(graceMs, told, now);
  if (!work || !hasTime) return { ...verdict, ...known };
  const reason = `${verdict.reason}; its owner has ${daysText(graceMs)} to change it first`;
  return { ...verdict, ...known, reason, work: { ...work, mode: 'plan' }, graceSeconds: graceMs / 1000 };
}

/** Ignores a finding that a newer execution handles, which began while this one waited for the owner. */
export function unlessSuperseded<V extends TriageVerdict>(
  verdict: V,
  { execution, started }: NoticeFacts,
  own: { readonly id: string; readonly started: string },
): V | (TriageVerdict & GraceFields) {
  const isNewer = execution !== undefined && execution !== own.id && (started ?? '') >= own.started;
  if (!isNewer || !verdict.work) return verdict;
  const because = `${execution} handles this finding, and began while this execution waited for the owner`;
  const { checks, finding } = verdict;
  return { route: 'ignore', reason: because, finding, checks, result: { kind: 'duplicate', because } };
}

const HOUR_MS = 3_600_000;
export const daysText = (ms: number): string => {
  const hours = ms / HOUR_MS;
  const [number, unit] = hours % 24 === 0 ? [hours / 24, 'day'] : [hours, 'hour'];
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
};
