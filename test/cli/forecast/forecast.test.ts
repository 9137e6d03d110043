import { describe, expect, it } from 'vitest';
import { coverageOf } from '../../../cli/forecast/coverage.ts';
import { type Effect, forecastOf } from '../../../cli/forecast/forecast.ts';
import { describedOrganization, policyInForce } from '../../../cli/forecast/organization.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';

const SHOP = '333333333333';
const DATA = '444444444444';
const TODAY = '2026-11-29';
const groupOf = (account: string, Tags?: Record<string, string>) => ({
  ...{ Type: 'AwsEc2SecurityGroup', Id: `arn:aws:ec2:us-east-1:${account}:security-group/sg-0a1b2c3d` },
  ...(Tags && { Tags }),
});
const open = (control: string, { account = SHOP, tags = undefined as Record<string, string> | undefined } = {}) =>
  controlFinding({
    ...{ control, account, region: 'us-east-1', name: 'f', at: new Date('2026-11-28') },
    resource: groupOf(account, tags),
  });
const policyOf = (controls: object, more: object = {}) => SuturePolicy.parse({ version: 1, controls, ...more });
const forecast = (finding: unknown, policy: SuturePolicy, paths: Record<string, string> = {}) =>
  forecastOf(finding, {
    ...{ policy, today: TODAY },
    organization: describedOrganization([finding], new Map(Object.entries(paths))),
  });
const EXCEPTION = { id: 'e', reason: 'r', owner: 'o', expires: '2099-01-01', criteria: { control: 'EC2.13' } };

describe('the forecast of a finding', () => {
  it.each<[Effect, object, object?]>([
    ['fixed', { 'EC2.13': 'auto' }],
    ['asked', { 'EC2.13': 'approve' }],
    ['asked', { 'EC2.13': null }],
    ['observed', { 'EC2.13': 'observe' }],
    ['off', { 'EC2.13': 'off' }],
    ['off', {}],
    ['fixed', { 'EC2.13': { mode: 'off', ous: { '/Workloads': 'auto' } } }],
    ['off', { 'EC2.13': { mode: 'auto', accounts: { [SHOP]: 'off' } } }],
    ['off', { 'EC2.13': { mode: 'auto', tags: { team: 'off' } } }],
    ['observed', { 'EC2.13': { mode: 'off', tags: { 'team=web': 'observe' } } }],
    ['archived', { 'EC2.13': 'auto' }, { suppressions: [EXCEPTION] }],
    ['exempt', { 'EC2.13': 'auto' }, { exemptions: [EXCEPTION] }],
    ['fixed', { 'EC2.13': 'auto' }, { exemptions: [{ ...EXCEPTION, expires: '2026-11-28' }] }],
    ['exempt', { 'EC2.13': 'auto' }, { excludedAccounts: [SHOP] }],
  ])('is "%s" under %j %j', (effect, controls, more = {}) => {
    const finding = open('EC2.13', { tags: { team: 'web' } });
    expect(forecast(finding, policyOf(controls, more), { [SHOP]: '/Workloads/Shop' })).toMatchObject({
      ...{ effect, control: 'EC2.13', account: SHOP, severity: 'HIGH', resource: groupOf(SHOP).Id },
      ...{ remediation: 'ec2/close-admin-ports', risk: 'disruptive' },
    });
  });
  it.each<[Effect, object]>([
    ['told', { Workflow: { Status: 'NOTIFIED' } }],
    ['closed', { Workflow: { Status: 'SUPPRESSED' } }],
    ['closed', { RecordState: 'ARCHIVED' }],
    ['closed', { Compliance: { Status: 'PASSED', SecurityControlId: 'EC2.13' } }],
    ['unhandled', { GeneratorId: 'security-control/EC2.999', Compliance: { Status: 'FAILED' } }],
    [
      'unhandled',
      { ProductArn: 'arn:aws:securityhub:us-east-1::product/aws/guardduty', GeneratorId: 'x', Compliance: {} },
    ],
    ['refused', { ProductArn: 'arn:aws:securityhub:us-east-1::product/aws/guardduty' }],
    ['refused', { Resources: [groupOf(DATA)] }],
  ])('is "%s" with %j', (effect, change) => {
    expect(forecast({ ...open('EC2.13'), ...change }, policyOf({ 'EC2.13': 'auto' })).effect).toBe(effect);
  });
  it('follows a unit by its id, as after a push', () => {
    const policy = policyOf({ 'EC2.13': { mode: 'off', ous: { '/Old': 'auto' } } });
    const units = { '/Old': 'ou-ab12-11111111' };
    expect(policyInForce(policy, { units })).toMatchObject({ units, goneUnits: [] });
    expect(policyInForce(policy, { units: {} })).toMatchObject({ units: {}, goneUnits: ['/Old'] });
  });
});

describe('coverage', () => {
  const findings = [
    ...[open('EC2.13'), open('EC2.13', { account: DATA }), open('EC2.14'), open('EC2.2'), open('EC2.999')],
    { ...open('EC2.13'), Workflow: { Status: 'NOTIFIED' } },
    { ...open('EC2.13'), Workflow: { Status: 'RESOLVED' } },
  ];
  const policy = policyOf({ 'EC2.13': { mode: 'auto', accounts: { [DATA]: 'off' } }, 'EC2.14': 'observe' });
  const organization = describedOrganization(findings, new Map());
  const coverage = coverageOf(findings, { policy, organization, today: TODAY });

  it('counts open findings once, by control, account and severity', () => {
    expect(coverage.total).toEqual({ open: 6, handled: 1, observed: 1, exempt: 0, told: 1, left: 3 });
    expect(coverage.closed).toBe(1);
    expect(coverage.effects).toEqual({ fixed: 1, off: 2, observed: 1, unhandled: 1, told: 1 });
    expect(coverage.by.account.map(({ name, open }) => [name, open])).toEqual([
      [SHOP, 5],
      [DATA, 1],
    ]);
    expect(coverage.by.control[0]).toMatchObject({ name: 'EC2.13', open: 3, handled: 1, told: 1, left: 1 });
    expect(coverage.by.severity).toMatchObject([{ name: 'HIGH', open: 6 }]);
  });
  it('names the rules that would handle more, and not where an account has its own rule', () => {
    expect(coverage.gains).toEqual([
      { control: 'EC2.14', mode: 'approve', more: 1, risk: 'disruptive' },
      { control: 'EC2.2', mode: 'approve', more: 1, risk: 'disruptive' },
    ]);
  });
});
