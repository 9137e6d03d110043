import { describe, expect, it } from 'vitest';
import { eventOfWaiting } from '../../../functions/domain/events.ts';
import type { Job } from '../../../functions/domain/job.ts';
import { type ApprovablePlan, PlanDigest, planDigest } from '../../../functions/domain/plan.ts';

const PLAN: ApprovablePlan = {
  remediation: 'ec2/close-admin-ports',
  version: 1,
  risk: 'disruptive',
  control: 'EC2.13',
  partition: 'aws',
  account: '333333333333',
  region: 'us-east-1',
  title: 'a title',
  resource: 'arn:group',
  target: { groupId: 'sg-1' },
  params: { ports: [22, 3389] },
  before: {
    rules: [
      { from: 22, to: 22 },
      { from: 443, to: 443 },
    ],
  },
  after: { rules: [{ from: 443, to: 443 }] },
  summary: 'closes 22',
  loses: undefined,
  askedBy: undefined,
};

describe('the digest of a plan', () => {
  it('is a SHA-256', () => {
    expect(PlanDigest.safeParse(planDigest(PLAN)).success).toBe(true);
  });
  it('is the same for keys and lists in another order, and after a round trip as JSON', () => {
    const { before: _, ...rest } = PLAN;
    const reversed = {
      before: {
        rules: [
          { to: 443, from: 443 },
          { to: 22, from: 22 },
        ],
      },
      ...rest,
    };
    expect(planDigest(reversed)).toBe(planDigest(PLAN));
    expect(planDigest(JSON.parse(JSON.stringify(PLAN)))).toBe(planDigest(PLAN));
  });
  it.each(Object.keys(PLAN) as (keyof ApprovablePlan)[])('differs for another %s', (member) => {
    expect(planDigest({ ...PLAN, [member]: 'something else' } as ApprovablePlan)).not.toBe(planDigest(PLAN));
  });
});

it('a second request for approval is a separate event, so that subscribers see both', () => {
  const job = { execution: 'arn:e', started: '2026-11-22T10:00:00Z', reason: '', finding: { id: 'f' } } as Job;
  const ids = [undefined, 1, 2].map(
    (askedAgain) => eventOfWaiting({ ...job, askedAgain }, 'id', '2026-11-22T10:00:00Z').detail.id,
  );
  expect(new Set(ids).size).toBe(3);
});
