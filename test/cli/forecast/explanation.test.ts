import { describe, expect, it } from 'vitest';
import { explainControl, explainFinding } from '../../../cli/forecast/explanation.ts';
import { explanationText } from '../../../cli/forecast/explanation-text.ts';
import { type Effect, triageAsImported } from '../../../cli/forecast/forecast.ts';
import { describedOrganization } from '../../../cli/forecast/organization.ts';
import { Finding } from '../../../functions/domain/finding.ts';
import { slimFinding } from '../../../functions/domain/finding-names.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';

const SHOP = '333333333333';
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 29, 12);
const STACK = {
  'aws:cloudformation:stack-name': 'web',
  'aws:cloudformation:logical-id': 'Group',
};

const policyOf = (controls: object, more: object = {}) => SuturePolicy.parse({ version: 1, controls, ...more });
const factsOf = (policy: SuturePolicy) => ({
  policy,
  today: '2026-11-29',
  organization: describedOrganization([], new Map([[SHOP, '/Workloads/Shop']])),
});
const findingWith = (tags: Record<string, string>) =>
  controlFinding({
    ...{ control: 'EC2.13', account: SHOP, region: 'us-east-1', name: 'f', at: new Date(NOW) },
    resource: {
      Type: 'AwsEc2SecurityGroup',
      Id: `arn:aws:ec2:us-east-1:${SHOP}:security-group/sg-0a1b2c3d`,
      Tags: tags,
    },
  });
/** As the ledger has it after a run with this job. */
function recordOf(tags: Record<string, string>, job: object = {}, ofStatus = 'NOTIFIED') {
  const finding = { ...slimFinding(Finding.parse(findingWith(tags))), control: 'EC2.13', ouPath: '/Workloads/Shop' };
  return { ofStatus, job: { finding, ...job } } as unknown as LedgerRecord;
}

const AUTO = { 'EC2.13': 'auto' };
const CASES: [
  policy: SuturePolicy,
  tags: Record<string, string>,
  effect: Effect,
  graceHours: number,
  action?: string,
][] = [
  [policyOf(AUTO), {}, 'fixed', 0],
  [policyOf(AUTO, { grace: '7d' }), {}, 'fixed', 168],
  [policyOf(AUTO, { grace: { for: '7d', severities: { HIGH: '6h' } } }), {}, 'fixed', 6],
  [policyOf(AUTO, { grace: { for: '7d', ous: { '/Workloads': '2d' }, severities: { HIGH: '3d' } } }), {}, 'fixed', 48],
  [policyOf({ 'EC2.13': { mode: 'approve', grace: '2h' } }, { grace: '7d' }), {}, 'asked', 2],
  [policyOf({ 'EC2.13': 'observe' }, { grace: '7d' }), {}, 'observed', 0],
  [
    policyOf({ 'EC2.13': { mode: 'off', tags: { 'team=web': 'auto' } } }, { grace: '7d' }),
    { team: 'web' },
    'fixed',
    168,
  ],
  [policyOf({}), {}, 'off', 0],
  [policyOf(AUTO, { excludedAccounts: [SHOP] }), {}, 'exempt', 0],
  [policyOf(AUTO), STACK, 'fixed', 0, 'notify'],
  [policyOf(AUTO, { whenManagedBy: { cloudformation: 'approve' } }), STACK, 'fixed', 0, 'approve'],
  [
    policyOf(AUTO, { whenManagedBy: { accounts: { [SHOP]: 'refuse' } } }),
    { ManagedBy: 'terraform' },
    'fixed',
    0,
    'refuse',
  ],
];

describe('an explanation', () => {
  it.each(CASES)('of a control and of a finding is what triage decides (%#)', (policy, tags, effect, hours, action) => {
    const facts = factsOf(policy);
    const ofControl = explainControl('EC2.13', { account: SHOP, severity: 'HIGH', tags }, facts);
    const ofFinding = explainFinding(recordOf(tags), { ...facts, now: NOW });
    const verdict = triageAsImported(findingWith(tags), facts);
    for (const explanation of [ofControl, ofFinding]) {
      expect(explanation).toMatchObject({ control: 'EC2.13', account: SHOP, effect, graceMs: hours * HOUR });
      expect(explanation.graceMs).toBe(verdict.graceMs ?? 0);
      expect(explanation.whenManagedBy).toEqual(verdict.work?.policy.managed);
      expect(explanation.managed?.action).toBe(action);
    }
    expect(ofControl.owner).toEqual(ofFinding.owner);
  });

  const OWNED = policyOf(AUTO, {
    grace: '7d',
    owners: { shop: { slack: '#shop', accounts: [SHOP] }, web: { jira: 'WEB', tags: ['team=web'] } },
    ownerTags: { keys: ['owner'], domains: ['example.com'] },
    whenManagedBy: { cloudformation: 'refuse', tags: { 'drift=ok': 'fix' } },
  });

  it('of a finding knows the live tags, the code that the last plan found, and until when the owner has time', () => {
    const managedBy = { manager: 'cloudformation', name: 'CloudFormation stack web (Group)' };
    const result = { kind: 'planned', ownerTags: { team: 'web' }, managedBy };
    const toldAt = new Date(NOW - 24 * HOUR).toISOString();
    const explanation = explainFinding(recordOf({}, { result, toldAt }, 'WAITING'), { ...factsOf(OWNED), now: NOW });
    expect(explanation).toMatchObject({
      owner: { name: 'web', because: 'policy gives resources tagged team=web to web' },
      managed: { by: ['CloudFormation stack web (Group)'], isClaim: false, action: 'refuse' },
      dueBy: '2026-12-05T12:00:00.000Z',
    });
    const text = explanationText(explanation, 'policy.yaml');
    expect(text).toContain('its owner was told, and has time until 2026-12-05T12:00:00.000Z; then Suture fixes it');
    expect(text).toContain('the last plan found CloudFormation stack web (Group): it is left alone');
    const later = explainFinding(recordOf({}, { result, toldAt }, 'WAITING'), {
      ...factsOf(OWNED),
      now: NOW + 200 * HOUR,
    });
    expect(later.dueBy).toBeUndefined();
  });

  it('says it in words: what becomes of it, whose it is and why, what does not count, and what code means', () => {
    const tags = { owner: 'eve@evil.example <!channel>' };
    const text = explanationText(explainControl('EC2.13', { account: SHOP, tags }, factsOf(OWNED)), 'policy.yaml');
    for (const line of [
      'Under policy.yaml: EC2.13 in account 333333333333 /Workloads/Shop',
      'becomes          its owner is told first, and has 7 days; then Suture fixes it',
      'because          policy says auto for EC2.13',
      `owner            shop, because policy gives account ${SHOP} to shop: slack #shop`,
      'managed by code  CloudFormation: refuse, Terraform: notify, other code: notify',
      '                 tagged drift=ok: Suture changes it all the same',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/not eve@evil\.example .*: it is neither an owner in the policy nor an address/);
    expect(explanationText(explainControl('EC2.13', {}, factsOf(OWNED)), 'policy.yaml')).toContain(
      'in accounts that no rule names',
    );
  });
});
