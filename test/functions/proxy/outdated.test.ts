import { describe, expect, it } from 'vitest';
import { SutureError } from '../../../functions/contract/errors.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { isOutdatedRole, waitingForRole } from '../../../functions/proxy/outdated.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OLD = new SutureError('MemberRoleOutdated', 'AccessDenied: no\nThe role is older than ec2/x: not yet.');
const JOB = { execution: 'me', finding: { account: '333333333333' } } as Job;
const work = (mode: JobWork['mode']) => ({ mode }) as JobWork;

/** Minutes until the next attempt, of a job that has waited since. */
function pauseAfter(waitedMs: number, random = 0): number {
  const job = { ...JOB, outdatedSince: new Date(NOON - waitedMs).toISOString() };
  const { result } = waitingForRole(job, OLD, NOON, random);
  return result?.kind === 'deferred' ? (Date.parse(result.until) - NOON) / MINUTE : Number.NaN;
}

describe('a change whose member role is older', () => {
  it('waits, with the reason and the time since when', () => {
    expect(waitingForRole(JOB, OLD, NOON, 0)).toMatchObject({
      outdatedSince: '2026-11-22T12:00:00.000Z',
      result: {
        kind: 'deferred',
        because: 'waits for the member role: The role is older than ec2/x: not yet.',
        until: '2026-11-22T12:05:00.000Z',
      },
    });
  });

  it('keeps the plan that a person was asked about', () => {
    const asked = { kind: 'planned', awaits: 'approval', before: 1, after: 2 } as unknown as Job['result'];
    const { result } = waitingForRole({ ...JOB, result: asked }, OLD, NOON, 0);
    expect(result).toMatchObject({ kind: 'deferred', planned: { before: 1, after: 2 } });
  });

  it('waits as long again as it has waited, below the hour in which others are duplicates', () => {
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

it.each([
  ['a plan waits', OLD, work('plan'), true],
  ['a change waits', OLD, work('apply'), true],
  ['a rollback does not, because a person waits for it', OLD, work('rollback'), false],
  ['another denial does not', new SutureError('MemberAccessDenied', 'no'), work('apply'), false],
])('%s', (_, error, of, expected) => {
  expect(isOutdatedRole(error, of)).toBe(expected);
});
