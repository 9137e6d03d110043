/** A finding names a cluster by its resource id, and policy's exceptions name clusters. */
import { describe, expect, it } from 'vitest';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { recheckPolicy } from '../../../functions/proxy/recheck-policy.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { triage } from '../../../functions/triage/decide.ts';
import { eventOf, genuineFinding, SECURITY } from '../finding.ts';

const CLUSTERS = 'arn:aws:rds:us-east-1:333333333333:cluster:';
const ALIAS = 'arn:aws:rds:us-east-1:333333333333:dbcluster/cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const TODAY = '2026-11-22';
const ORGANIZATION = { securityAccount: SECURITY, homeRegion: 'us-east-1', excluded: [SECURITY], status: 'ACTIVE' };

function finding(Id: string) {
  const about = structuredClone(genuineFinding()) as any;
  about.Compliance = { ...about.Compliance, SecurityControlId: 'RDS.7' };
  about.GeneratorId = 'security-control/RDS.7';
  about.Resources = [{ Type: 'AwsRdsDbCluster', Id, Partition: 'aws', Region: 'us-east-1' }];
  return about;
}
const policyWith = (criteria: object, kind = 'exemptions') => {
  const exception = { id: 'payments', reason: 'r', owner: 'o', expires: '2027-01-31', criteria };
  return SuturePolicy.parse({ version: 1, controls: { 'RDS.7': 'auto' }, [kind]: [exception] });
};
const verdict = (criteria: object, { Id = ALIAS, kind = 'exemptions' } = {}) =>
  triage(eventOf(finding(Id)) as never, finding(Id), {
    remediations: REMEDIATIONS,
    policy: policyWith(criteria, kind),
    organization: ORGANIZATION,
    today: TODAY,
  });

describe('an exception that may cover the cluster leaves it alone, and the reason says how to decide:', () => {
  it.each([
    ['its name', `${CLUSTERS}payments`],
    ['one of several names', ['arn:aws:s3:::logs', `${CLUSTERS}payments`]],
    ['a beginning of names', { prefix: `${CLUSTERS}pay` }],
    ['a part of names', { contains: 'payments' }],
  ])('%s', (_, resource) => {
    const { route, reason } = verdict({ resource });
    expect(route).toBe('ignore');
    expect(reason).toContain(`exception payments names resources`);
    expect(reason).toContain(`not: ${ALIAS}`);
  });
  it('an exception for the id itself', () => {
    expect(verdict({ resource: { prefix: 'arn:aws:rds:' } }).reason).toContain('exempt by payments');
  });
  it('a suppression, too', () => {
    expect(verdict({ resource: `${CLUSTERS}payments` }, { kind: 'suppressions' }).route).toBe('ignore');
  });
});

describe('a finding about the cluster is remediated', () => {
  it.each([
    ['if the exception is for other resources', { resource: 'arn:aws:s3:::payments' }],
    ['if it is for clusters of another account', { resource: 'arn:aws:rds:us-east-1:444444444444:cluster:payments' }],
    ['if it begins like another type', { resource: { prefix: 'arn:aws:rds:us-east-1:333333333333:db:' } }],
    ['if another criterion fails', { resource: `${CLUSTERS}payments`, control: 'RDS.16' }],
    ['if the exception excludes its id', { resource: { equals: `${CLUSTERS}payments`, not: [ALIAS] } }],
  ])('%s', (_, criteria) => {
    expect(verdict(criteria).route).toBe('remediate');
  });
  it('if the finding names another cluster than the exception', () => {
    const criteria = { resource: `${CLUSTERS}payments` };
    expect(verdict(criteria, { Id: `${CLUSTERS}orders` }).route).toBe('remediate');
  });
});

it('an exception that is added after triage stops the attempt', () => {
  const { finding: names, work } = verdict({ resource: 'arn:aws:s3:::payments' });
  const again = () =>
    recheckPolicy(
      { finding: names } as never,
      work!,
      policyWith({ resource: `${CLUSTERS}payments` }),
      new Date(`${TODAY}T02:00:00Z`),
    );
  expect(again).toThrow(expect.objectContaining({ name: 'Stopped', message: expect.stringContaining('payments') }));
});
