import { describe, expect, it } from 'vitest';
import { SutureError } from '../../../functions/contract/errors.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { remediationOutdated } from '../../../functions/domain/stack-gap.ts';
import { isOutdated, mayWait, type OutdatedError, waitingForUpgrade } from '../../../functions/proxy/outdated.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OLD = new SutureError(
  'MemberRoleOutdated',
  'AccessDenied: no\nThe role is older than ec2/x: not yet.',
) as OutdatedError;
const STACK = remediationOutdated('ec2/x', 'It got v 5.') as OutdatedError;
const JOB = { execution: 'me', finding: { account: '333333333333' } } as Job;
const work = (mode: JobWork['mode']) => ({ mode }) as JobWork;

/** Minutes until the next attempt, of a job that has waited since. */
function pauseAfter(waitedMs: number, random = 0): number {
  const job = { ...JOB, outdatedSince: new Date(NOON - waitedMs).toISOString() };
  const { result } = waitingForUpgrade(job, OLD, NOON, random);
  return result?.kind === 'deferred' ? (Date.parse(result.until) - NOON) / MINUTE : Number.NaN;
}

describe('a change whose member role is older', () => {
  it('waits, with the reason and the start of waiting', () => {
    expect(waitingForUpgrade(JOB, OLD, NOON, 0)).toMatchObject({
      outdatedSince: '2026-11-22T12:00:00.000Z',
      result: {
        kind: 'deferred',
        because: 'waits for the member role: The role is older than ec2/x: not yet.',
        until: '2026-11-22T12:05:00.000Z',
      },
    });
  });

  it('keeps the plan that waits for approval', () => {
    const asked = { kind: 'planned', awaits: 'approval', before: 1, after: 2 } as unknown as Job['result'];
    const { result } = waitingForUpgrade({ ...JOB, result: asked }, OLD, NOON, 0);
    expect(result).toMatchObject({ kind: 'deferred', planned: { before: 1, after: 2 } });
  });

  it('doubles its wait, up to less than the hour in which others are duplicates', () => {
    expect([0, 5, 10, 20, 40, 600].map((minutes) => pauseAfter(minutes * MINUTE))).toEqual([5, 5, 10, 20, 40, 40]);
    expect(pauseAfter(10 * HOUR, 1)).toBe(50);
  });

  it('fails by name after three days, with what to do', () => {
    expect(pauseAfter(72 * HOUR - 1)).toBe(40);
    expect(() => pauseAfter(72 * HOUR)).toThrow(
      /not yet\. It has waited since 2026-11-19T12:00:00\.000Z.*docs\/upgrade\.md.*--error MemberRoleOutdated --account 333333333333/,
    );
  });
});

describe('a change whose remediation is of another release', () => {
  it('waits, and the reason says which is older', () => {
    expect(waitingForUpgrade(JOB, STACK, NOON, 0)).toMatchObject({
      outdatedSince: '2026-11-22T12:00:00.000Z',
      result: {
        kind: 'deferred',
        because: 'waits for the upgrade: The remediation ec2/x is older than the workflow: not yet.',
      },
    });
  });

  it('fails by name after three days, with what to do', () => {
    const job = { ...JOB, outdatedSince: new Date(NOON - 72 * HOUR).toISOString() };
    expect(() => waitingForUpgrade(job, STACK, NOON, 0)).toThrow(
      /^It got v 5\.\nThe remediation .* not yet\. It has waited since 2026-11-19.*docs\/upgrade\.md from one release.*--error StackOutdated/,
    );
  });
});

it('a plan and a change wait; a rollback does not, because a person waits for it', () => {
  expect((['plan', 'apply', 'rollback'] as const).map((mode) => mayWait(work(mode)))).toEqual([true, true, false]);
  const denied = new SutureError('MemberAccessDenied', 'no');
  expect([OLD, STACK, denied, new Error('StackOutdated')].map(isOutdated)).toEqual([true, true, false, false]);
});
