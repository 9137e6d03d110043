import { describe, expect, it } from 'vitest';
import { slimResource } from '../../../functions/domain/finding.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { recheckPolicy, withCurrentPolicy } from '../../../functions/proxy/recheck-policy.ts';

const NOW = new Date('2026-11-22T02:00:00Z');
const WORK = {
  remediation: 'ec2/close-admin-ports',
  risk: 'disruptive',
  mode: 'apply',
  policy: { mode: 'auto', tags: {} },
} as unknown as JobWork;
const JOB = {
  finding: {
    id: 'arn:finding',
    productArn: 'arn:product',
    control: 'EC2.13',
    account: '333333333333',
    resource: slimResource({ Type: 'AwsEc2SecurityGroup', Id: 'arn:group', Tags: { owner: 'shop' } }),
  },
} as Job;
const policy = (more: object): SuturePolicy =>
  SuturePolicy.parse({ version: 1, controls: { 'EC2.13': 'auto' }, ...more });
const BY_OWNER = { id: 'left', reason: 'r', owner: 'o', expires: '2099-12-31', criteria: { tags: { owner: 'shop' } } };

describe('an exception by the tags that the finding had', () => {
  it.each(['suppressions', 'exemptions'])('stops an open execution, also among %s', (kind) => {
    expect(() => recheckPolicy(JOB, WORK, policy({ [kind]: [BY_OWNER] }), NOW)).toThrow(
      expect.objectContaining({
        name: 'Stopped',
        message: expect.stringMatching(/by left: r\..* A replay ends it as ignored/),
      }),
    );
  });
  it('of another value does not stop it', () => {
    const other = { ...BY_OWNER, criteria: { tags: { owner: 'platform' } } };
    expect(recheckPolicy(JOB, WORK, policy({ exemptions: [other] }), NOW)).toBeUndefined();
  });
});

it.each([
  [
    'apply',
    /^Policy excludes account 333333333333 now \(excludedAccounts: \["333333333333"\]\)\. .* a replay ends it as ignored\. To change it, take the account out of excludedAccounts, and suture policy push\. Then replay it: suture replay /,
  ],
  [
    'rollback',
    /^Policy excludes account 333333333333 now .*\. Nothing was written\. To change it, take the account out/,
  ],
])('an excluded account stops %s, with the line of policy and the ways on', (mode, message) => {
  const excluding = policy({ excludedAccounts: ['333333333333'] });
  expect(() => recheckPolicy(JOB, { ...WORK, mode } as JobWork, excluding, NOW)).toThrow(
    expect.objectContaining({ name: 'Stopped', message: expect.stringMatching(message) }),
  );
});

const NOTIFY = { actions: { cloudformation: 'notify', terraform: 'notify', other: 'notify' } };

describe('work with a mode by risk', () => {
  const byRisk = { ...WORK, policy: { mode: 'approve', byRisk: true, tags: {} } } as unknown as JobWork;
  it('may begin while policy names no mode', () => {
    const unnamed = policy({ controls: { 'EC2.13': null } });
    expect(recheckPolicy(JOB, byRisk, unnamed, NOW)).toBeUndefined();
    expect(withCurrentPolicy(JOB, byRisk, unnamed).policy).toEqual({
      mode: 'approve',
      byRisk: true,
      tags: {},
      managed: NOTIFY,
    });
    expect(withCurrentPolicy(JOB, WORK, unnamed).policy).toEqual({ mode: 'approve', tags: {}, managed: NOTIFY });
  });
  it('stops if policy names a mode that asks for approval since', () => {
    const named = policy({ controls: { 'EC2.13': 'approve' } });
    expect(() => recheckPolicy(JOB, byRisk, named, NOW)).toThrow(expect.objectContaining({ name: 'Stopped' }));
    expect(withCurrentPolicy(JOB, byRisk, named).policy).toEqual({ mode: 'approve', tags: {}, managed: NOTIFY });
  });
});

it('the remediation gets the current rules for live tags', () => {
  const now = policy({ controls: { 'EC2.13': { mode: 'auto', tags: { 'stage=test': 'off' } } } });
  expect(withCurrentPolicy(JOB, WORK, now).policy).toEqual({
    ...{ mode: 'auto', tags: { 'stage=test': 'off' }, managed: NOTIFY },
  });
});

it('the remediation gets the current rules for resources that code manages', () => {
  const now = policy({ whenManagedBy: 'approve', managedTags: { other: ['pulumi'] } });
  expect(withCurrentPolicy(JOB, WORK, now).policy.managed).toEqual({
    actions: { cloudformation: 'approve', terraform: 'approve', other: 'approve' },
    marks: { other: ['pulumi'] },
  });
});
