import { beforeAll, describe, expect, it } from 'vitest';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import {
  GROUP_MEMBERS,
  groupFindings,
  POLICY_AFTER,
  POLICY_BEFORE,
  POLICY_GROUPS,
} from '../../../lab/soak/policy-change/groups.ts';
import { type PolicyChangeReport, runPolicyChangeSoak } from '../../../lab/soak/policy-change/run.ts';
import { policyChangeSummary } from '../../../lab/soak/policy-change/summary.ts';
import { memberWrites } from '../../../lab/soak/policy-change/writes.ts';
import type { CallRecord, Kernel } from '../../../sandbox/kernel/kernel.ts';

const sum = (ends: Readonly<Record<string, number>>) => Object.values(ends).reduce((all, each) => all + each, 0);

describe('a policy change while sixty executions are open', () => {
  let report: PolicyChangeReport;
  beforeAll(async () => {
    report = await runPolicyChangeSoak({ findings: 60, seed: 4, progress: () => {} });
  }, 300_000);

  it('applies to every attempt that begins when functions know the new policy, and loses no finding', () => {
    expect(report.problems).toEqual([]);
    expect([sum(report.openEnds), sum(report.laterEnds)]).toEqual([60, 6]);
  });
  it('comes after the write of some executions, refuses archives under the suppression that ended, and stops others', () => {
    expect(Object.keys(report.openEnds).sort()).toEqual(['FIXED', 'FindingUpdateRefused', 'Stopped']);
    // All that stay automatic, and those of the others that continued within the minute.
    expect(report.openEnds.FIXED).toBeGreaterThan(15);
  });
  it('decides about findings that arrive later', () => {
    expect(Object.keys(report.laterEnds).sort()).toEqual(['FIXED', 'PLANNED', 'ignore']);
  });
  it('lets a replay fix everything after every control is automatic again', () => {
    expect(report.finalEnds).toEqual({ FIXED: 60 });
  });
  it('has a summary', () => {
    expect(policyChangeSummary(report)).toContain('60 executions were open when the policy changed: ');
    expect(policyChangeSummary({ ...report, problems: ['it wrote'] })).toContain('1 problem:\nit wrote');
  });
});

describe('the groups of a policy change', () => {
  it('have their own accounts, and valid policies', () => {
    expect(new Set(GROUP_MEMBERS.map(({ id }) => id)).size).toBe(40);
    for (const policy of [POLICY_BEFORE, POLICY_AFTER]) expect(SuturePolicy.safeParse(policy).error).toBeUndefined();
  });
  it('take turns, each with every control', () => {
    const all = groupFindings(160);
    for (const group of POLICY_GROUPS) {
      const own = all.filter((each) => each.group === group);
      expect([own.length, new Set(own.map(({ control }) => control)).size]).toEqual([40, 4]);
    }
  });
});

describe('a write in a member account', () => {
  const FUNCTION = 'arn:aws:iam::222222222222:role/suture/remediations/suture-ec2-close-admin-ports';
  const MEMBER = 'arn:aws:iam::300000000011:role/suture/suture-member';
  const call = (at: number, operation: string, error: string | null = null): CallRecord => ({
    ...{ at, operation, error, account: '300000000011', region: 'us-east-1', service: 'ec2', principal: 'arn' },
    ...{ role: operation === 'AssumeRole' ? FUNCTION : MEMBER, sourceIdentity: 'suture-1', decisions: [] },
  });
  it('belongs to the attempt whose sessions started last before it', () => {
    const calls = [
      ...[call(1, 'AssumeRole'), call(1, 'DescribeSecurityGroupRules', 'RequestLimitExceeded')],
      ...[call(70, 'AssumeRole'), call(71, 'AssumeRole'), call(72, 'RevokeSecurityGroupIngress')],
      call(90, 'RevokeSecurityGroupIngress', 'RequestLimitExceeded'),
    ];
    expect(memberWrites({ calls } as unknown as Kernel)).toEqual([
      { account: '300000000011', operation: 'RevokeSecurityGroupIngress', attemptStartedAt: 70 },
    ]);
  });
});
