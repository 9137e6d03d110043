import { expect, it } from 'vitest';
import type { Job } from '../../../functions/domain/job.ts';
import { requireActiveMember } from '../../../functions/proxy/recheck-policy.ts';

const JOB = {
  finding: { id: 'arn:finding', productArn: 'arn:product', account: '333333333333', ouPath: '/Workloads' },
} as Job;

it('an active member passes, with its current units', () => {
  expect(requireActiveMember(JOB, { status: 'ACTIVE', ouPath: '/Workloads/Frozen', unitIds: [] }).finding.ouPath).toBe(
    '/Workloads/Frozen',
  );
});

it.each([
  ['has left the organization', undefined],
  ['is SUSPENDED now', { status: 'SUSPENDED', ouPath: '/', unitIds: [] }],
])('an account that %s is refused', (what, account) => {
  expect(() => requireActiveMember(JOB, account)).toThrow(
    expect.objectContaining({ name: 'Stopped', message: expect.stringContaining(`Account 333333333333 ${what}`) }),
  );
});
