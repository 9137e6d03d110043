import { expect, test } from 'vitest';
import type { Job } from '../../../functions/domain/job.ts';
import { stillMember } from '../../../functions/proxy/may-still.ts';

const job = {
  finding: { id: 'arn:finding', productArn: 'arn:product', account: '333333333333', ouPath: '/Workloads' },
} as Job;

test('an active member goes on, with the units in which it is now', () => {
  expect(stillMember(job, { status: 'ACTIVE', ouPath: '/Workloads/Frozen' }).finding.ouPath).toBe('/Workloads/Frozen');
});

test.each([
  ['has left the organization', undefined],
  ['is SUSPENDED now', { status: 'SUSPENDED', ouPath: '/' }],
])('an account that %s is stopped for', (what, account) => {
  expect(() => stillMember(job, account)).toThrow(
    expect.objectContaining({ name: 'Stopped', message: expect.stringContaining(`Account 333333333333 ${what}`) }),
  );
});
