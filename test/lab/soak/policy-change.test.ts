/** A policy that changes while sixty executions are open: what began by the new one keeps to it, and nothing is lost. */
import { beforeAll, describe, expect, it } from 'vitest';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { AFTER, arriving, BEFORE, GROUPS, MEMBERS } from '../../../lab/soak/policy-change/groups.ts';
import { type PolicyChangeReport, policyChange } from '../../../lab/soak/policy-change/run.ts';
import { inWords } from '../../../lab/soak/policy-change/summary.ts';
import { writesIn } from '../../../lab/soak/policy-change/writes.ts';
import type { CallRecord, Kernel } from '../../../sandbox/kernel/kernel.ts';

const sum = (ends: Readonly<Record<string, number>>) => Object.values(ends).reduce((all, each) => all + each, 0);

describe('a policy that changes while sixty executions are open', () => {
  let report: PolicyChangeReport;
  beforeAll(async () => {
    report = await policyChange({ findings: 60, seed: 4, progress: () => {} });
  }, 300_000);

  it('is kept to by every attempt that begins when functions know it, and nothing is lost', () => {
    expect(report.problems).toEqual([]);
    expect([sum(report.ends), sum(report.later)]).toEqual([60, 6]);
  });
  it('finds some that have written by the old one, some that wait to be archived, and stops others', () => {
    expect(Object.keys(report.ends).sort()).toEqual(['ARCHIVED', 'FIXED', 'Stopped']);
    // All that stay automatic, and those of the others that went on within the minute.
    expect(report.ends.FIXED).toBeGreaterThan(15);
  });
  it('decides on what comes later', () => {
    expect(Object.keys(report.later).sort()).toEqual(['FIXED', 'PLANNED', 'ignore']);
  });
  it('ends with everything fixed, once it is automatic again', () => {
    expect(report.atLast).toEqual({ FIXED: 60 });
  });
  it('is shown in words', () => {
    expect(inWords(report)).toContain('60 were open when the policy changed: ');
    expect(inWords({ ...report, problems: ['it wrote'] })).toContain('1 problems:\nit wrote');
  });
});

describe('its groups', () => {
  it('have accounts of their own, and policies that are valid', () => {
    expect(new Set(MEMBERS.map(({ id }) => id)).size).toBe(40);
    for (const policy of [BEFORE, AFTER]) expect(SuturePolicy.safeParse(policy).error).toBeUndefined();
  });
  it('come in turn, each with every control', () => {
    const all = arriving(160);
    for (const group of GROUPS) {
      const own = all.filter((each) => each.group === group);
      expect([own.length, new Set(own.map(({ control }) => control)).size]).toEqual([40, 4]);
    }
  });
});

describe('a write', () => {
  const FUNCTION = 'arn:aws:iam::222222222222:role/suture/remediations/suture-ec2-close-admin-ports';
  const MEMBER = 'arn:aws:iam::300000000011:role/suture/suture-member';
  const call = (at: number, operation: string, error: string | null = null): CallRecord => ({
    ...{ at, operation, error, account: '300000000011', region: 'us-east-1', service: 'ec2', principal: 'arn' },
    ...{ role: operation === 'AssumeRole' ? FUNCTION : MEMBER, sourceIdentity: 'suture-1', decisions: [] },
  });
  it('belongs to the attempt whose sessions were opened last before it', () => {
    const calls = [
      ...[call(1, 'AssumeRole'), call(1, 'DescribeSecurityGroupRules', 'RequestLimitExceeded')],
      ...[call(70, 'AssumeRole'), call(71, 'AssumeRole'), call(72, 'RevokeSecurityGroupIngress')],
      call(90, 'RevokeSecurityGroupIngress', 'RequestLimitExceeded'),
    ];
    expect(writesIn({ calls } as unknown as Kernel)).toEqual([
      { account: '300000000011', operation: 'RevokeSecurityGroupIngress', begun: 70 },
    ]);
  });
});
