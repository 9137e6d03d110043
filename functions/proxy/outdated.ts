/** The job whose change must wait because the member role or a stack is older than the rest. Pure. */
import { commandToReplay, type ErrorName, errorDescription, isNamed, SutureError } from '../contract/errors.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { afterOutdated, MAX_OUTDATED_MS, WAITS_FOR_ROLE, WAITS_FOR_STACK } from '../domain/stops.ts';
import { planIn } from './repeated-approval.ts';

type OutdatedName = 'MemberRoleOutdated' | 'StackOutdated';
export type OutdatedError = SutureError & { readonly name: OutdatedName };

/** The beginning of the reason while it waits, and what to do when it has waited for too long. */
const WAITS: Readonly<Record<OutdatedName, { readonly reason: string; readonly remedy: (job: Job) => string }>> = {
  MemberRoleOutdated: {
    reason: WAITS_FOR_ROLE,
    remedy: ({ finding }) =>
      `Roll it out in a clone of the repository, npm run -s suture -- rollout, or deploy the member template there (docs/upgrade.md), then replay it: ${commandToReplay('MemberRoleOutdated', finding.account)}`,
  },
  StackOutdated: {
    reason: WAITS_FOR_STACK,
    remedy: () =>
      `Deploy every stack of docs/upgrade.md from one release, then replay it: ${commandToReplay('StackOutdated')}`,
  },
};

export const isOutdated = (error: unknown): error is OutdatedError =>
  isNamed(error, ...(Object.keys(WAITS) satisfies string[] as ErrorName[]));

/** Whether the job may wait. A person waits for a rollback, so its error must show at once. */
export const mayWait = ({ mode }: Pick<JobWork, 'mode'>): boolean => mode !== 'rollback';

/** Returns the error of a rollback that met a function of another release, under the name that pages somebody. */
export const rollbackError = (error: OutdatedError): SutureError =>
  new SutureError(
    'RollbackFailed',
    `The rollback failed with ${errorDescription(error)} Nothing was read or written. ` +
      'Deploy every stack of docs/upgrade.md from one release, then start it again.',
    { cause: error },
  );

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
 * @throws SutureError the same one if it has waited for three days
 */
export function waitingForUpgrade(job: Job, error: OutdatedError, now: number, random: number): Job {
  const isLast = isNamed(error.cause, 'MemberAccessDenied');
  const since = isLast ? undefined : (job.outdatedSince ?? new Date(now).toISOString());
  const waitedMs = since === undefined ? 0 : now - Date.parse(since);
  const { reason, remedy } = WAITS[error.name];
  if (waitedMs >= MAX_OUTDATED_MS)
    throw new SutureError(
      error.name,
      `${error.message} It has waited since ${since}, and nothing was written. ${remedy(job)}`,
      { cause: error },
    );
  const until = afterOutdated(now, waitedMs, random);
  const because = `${reason}: ${error.message.split('\n').at(-1)}`;
  return { ...job, outdatedSince: since, result: { kind: 'deferred', because, until, planned: planIn(job.result) } };
}
