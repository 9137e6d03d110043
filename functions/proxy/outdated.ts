/** The job whose change must wait because the member role is older than the remediation. Pure. */
import { errorDescription, isNamed, replayOf, SutureError } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { afterOutdatedRole, MAX_OUTDATED_MS, WAITS_FOR_ROLE } from '../domain/stops.ts';
import { planIn } from './asked-again.ts';

/** A person waits for a rollback, so that its error is not put off. */
export const isOutdatedRole = (error: unknown, { mode }: JobWork): error is SutureError =>
  mode !== 'rollback' && isNamed(error, 'MemberRoleOutdated');

/**
 * Returns the error, or MemberRoleOutdated for a denial after a wait: the role may have become newer between the denial
 * and the reading of its tags, and IAM needs seconds until policies hold everywhere.
 */
export const deniedAfterWait = (error: unknown, { outdatedSince, finding }: Job): unknown =>
  outdatedSince !== undefined && isNamed(error, 'MemberAccessDenied')
    ? new SutureError(
        'MemberRoleOutdated',
        `${errorDescription(error)}\nThe role in ${finding.account} has just become newer: once more.`,
        { cause: error },
      )
    : error;

/**
 * Returns the job, deferred for longer each time. A denial after a wait ends the wait: the next one is final.
 * @param random from 0 to 1, for jitter
 * @throws SutureError MemberRoleOutdated if it has waited for three days
 */
export function waitingForRole(job: Job, error: SutureError, now: number, random: number): Job {
  const isLast = isNamed(error.cause, 'MemberAccessDenied');
  const since = isLast ? undefined : (job.outdatedSince ?? new Date(now).toISOString());
  const waitedMs = since === undefined ? 0 : now - Date.parse(since);
  if (waitedMs >= MAX_OUTDATED_MS)
    throw new SutureError(
      'MemberRoleOutdated',
      `${error.message} It has waited since ${since}, and nothing was written. Let suture rollout reach the ` +
        `account, or deploy the member template there (docs/upgrade.md), then replay it: ${replayOf('MemberRoleOutdated', job.finding.account)}`,
      { cause: error },
    );
  const until = afterOutdatedRole(now, waitedMs, random);
  const because = `${WAITS_FOR_ROLE}: ${error.message.split('\n').at(-1)}`;
  return { ...job, outdatedSince: since, result: { kind: 'deferred', because, until, planned: planIn(job.result) } };
}
