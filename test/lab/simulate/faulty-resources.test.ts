import { DescribeSecurityGroupsCommand, EC2Client, type SecurityGroup } from '@aws-sdk/client-ec2';
import { GetUserCommand, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isEqual } from '../../../functions/contract/is-equal.ts';
import { type FindingResource, identityOfTarget } from '../../../functions/contract/remediation.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { clientsOn } from '../../../lab/organization/clients.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { makeFaultyResource } from '../../../lab/organization/make-faulty-resource.ts';
import { triageFor } from '../../../lab/organization/triage.ts';
import { makeFaulty, type RemediableFinding, type SimulatedFault } from '../../../lab/simulate/faulty-resources.ts';
import { automaticPolicy } from '../../../lab/simulate/policy.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { readCdkJsonContext } from '../../../stacks/context.ts';

const ACCOUNT = '333333333333';
const REGION = 'us-east-1';

const OPTIONS = {
  organization: {
    id: 'o-simulation1',
    managementAccount: '999999999999',
    accounts: ['999999999999', ACCOUNT].map((id) => ({ id, name: id })),
  },
  homeRegion: REGION,
};
let sandbox: Sandbox;
let findingOf: (control: string, resource: FindingResource) => RemediableFinding;

beforeEach(async () => {
  sandbox = await createSandbox(OPTIONS);
  const at = new Date(sandbox.kernel.clock.now());
  const context = await readCdkJsonContext();
  const triage = triageFor(context, automaticPolicy(REMEDIATIONS), [ACCOUNT], at);
  findingOf = (control, resource) => {
    const finding = controlFinding({ control, account: ACCOUNT, region: REGION, resource, name: control, at });
    const event = {
      id: 'event',
      'detail-type': 'Security Hub Findings - Imported',
      source: 'aws.securityhub',
      account: context.securityAccount,
      region: context.homeRegion,
      detail: { findings: [finding] },
    };
    const verdict = triage(event, finding)!;
    return { finding: verdict.finding, work: verdict.work! };
  };
});
afterEach(() => sandbox.close());

const group = (n: number): FindingResource => ({
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-${n.toString(16).padStart(17, '0')}`,
  Partition: 'aws',
  Region: REGION,
});
const groups = async () => {
  const ec2 = new EC2Client(sandbox.administrator(ACCOUNT, REGION));
  return (await ec2.send(new DescribeSecurityGroupsCommand())).SecurityGroups!;
};
const opens = ({ IpPermissions = [] }: SecurityGroup, port: number) =>
  IpPermissions.some(({ FromPort, IpRanges }) => FromPort === port && IpRanges?.[0]?.CidrIp === '0.0.0.0/0');

const problemsIn = (faults: readonly (SimulatedFault | undefined)[]) => faults.flatMap((fault) => fault?.problem ?? []);

it('makes more resources of one account faulty at once than the quotas of their service allow', async () => {
  const findings = Array.from({ length: 60 }, (_, n) => findingOf('EC2.13', group(n)));
  expect(problemsIn(await makeFaulty(sandbox, findings))).toEqual([]);
  expect((await groups()).filter((each) => opens(each, 22))).toHaveLength(60);
});

const orders = <T>(values: readonly T[]): T[][] =>
  values.length < 2
    ? [[...values]]
    : values.flatMap((first) => orders(values.filter((each) => each !== first)).map((rest) => [first, ...rest]));

describe('several findings about one group', () => {
  it.each(orders(['EC2.2', 'EC2.13', 'EC2.14']))(
    '%s, %s, %s are one default group with several faults',
    async (...controls) => {
      const faults = await makeFaulty(
        sandbox,
        controls.map((control) => findingOf(control, group(1))),
      );
      const named = (await groups()).filter(({ GroupId }) => GroupId === group(1).Id.split('/')[1]);
      expect(problemsIn(faults)).toEqual([]);
      expect(faults[controls.indexOf('EC2.2')]!.turn).toBe(2);
      expect(named.map(({ GroupName }) => GroupName)).toEqual(['default']);
      expect([opens(named[0]!, 22), opens(named[0]!, 3389)]).toEqual([true, true]);
    },
  );
  it('are one ordinary group without EC2.2', async () => {
    const controls = ['EC2.19', 'EC2.18', 'EC2.14', 'EC2.13'];
    const faults = await makeFaulty(
      sandbox,
      controls.map((control) => findingOf(control, group(1))),
    );
    const named = (await groups()).filter(({ GroupId }) => GroupId === group(1).Id.split('/')[1]);
    expect(problemsIn(faults)).toEqual([]);
    expect(named.map((each) => [22, 3389, 8443, 3306].map((port) => opens(each, port)))).toEqual([
      [true, true, true, true],
    ]);
  });
});

/** Controls of one service about one type of resource, of which a resource may have all faults. */
const TOGETHER = [
  ...Map.groupBy(
    REMEDIATIONS.flatMap(({ id, target, handles }) => handles.controls.map((control) => ({ id, target, control }))),
    ({ id, target }) => identityOfTarget(target, id).shape,
  ),
].filter(([, group]) => group.length > 1);

it.each(TOGETHER)('all faults of %s fit one resource', async (_, group) => {
  const controls = group.map(({ control }) => control);
  const place = { partition: 'aws', account: ACCOUNT, region: REGION };
  const elsewhere = await createSandbox({ ...OPTIONS, seed: 7 });
  const resource = await makeFaultyResource(elsewhere, scenariosOf(controls[0]!), place, controls[0]!, 'sample');
  await elsewhere.close();
  const findings = controls.map((control) => findingOf(control, resource));
  expect(problemsIn(await makeFaulty(sandbox, findings))).toEqual([]);
  const intact = [];
  for (const finding of findings) if (!(await isFaulty(finding))) intact.push(finding.finding.control);
  expect(intact).toEqual([]);
});

/** Whether the remediation would change the resource. */
async function isFaulty({ finding, work }: RemediableFinding): Promise<boolean> {
  const control = finding.control!;
  const { remediation, scenarios } = scenariosOf(control);
  const fixed = Object.values(scenarios).find(({ arrange, expected }) => !arrange && expected === 'FIXED');
  const params = remediation.params.parse(fixed?.params ?? {});
  const clients = clientsOn(sandbox.administrator(ACCOUNT, REGION), remediation.clients);
  const place = { partition: 'aws', account: ACCOUNT, region: REGION };
  const context = { ...clients, ...place, target: work.target, params, control, now: new Date() } as never;
  const state = await remediation.read(context);
  return state !== undefined && !isEqual(state, remediation.want(state, context));
}

it.each(orders(['IAM.3', 'IAM.8', 'IAM.22']))('%s, %s, %s are one user with a path', async (...controls) => {
  const user = { UserId: 'AIDAROBIN00000000001', UserName: 'robin', Path: '/division_a/team-b/' };
  const arn = `arn:aws:iam::${ACCOUNT}:user/division_a/team-b/robin`;
  const resource = { Type: 'AwsIamUser', Id: arn, Partition: 'aws', Region: REGION, Details: { AwsIamUser: user } };
  const faults = await makeFaulty(
    sandbox,
    controls.map((control) => findingOf(control, resource)),
  );
  const iam = new IAMClient(sandbox.administrator(ACCOUNT, REGION));
  expect(problemsIn(faults)).toEqual([]);
  expect((await iam.send(new GetUserCommand({ UserName: 'robin' }))).User).toMatchObject({ ...user, Arn: arn });
  const keys = (await iam.send(new ListAccessKeysCommand({ UserName: 'robin' }))).AccessKeyMetadata!;
  expect(keys.map(({ Status }) => Status)).toEqual(['Active']);
});

it.each(orders(['SQS.1', 'SQS.3']))('%s, %s are one FIFO queue', async (...controls) => {
  const Id = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders.fifo`;
  const resource = { Type: 'AwsSqsQueue', Id, Partition: 'aws', Region: REGION };
  const findings = controls.map((control) => findingOf(control, resource));
  expect(problemsIn(await makeFaulty(sandbox, findings))).toEqual([]);
  for (const finding of findings) expect(await isFaulty(finding)).toBe(true);
});

it('makes a multi-Region key under its own id', async () => {
  const Id = `arn:aws:kms:${REGION}:${ACCOUNT}:key/mrk-0123456789abcdef0123456789abcdef`;
  const resource = { Type: 'AwsKmsKey', Id, Partition: 'aws', Region: REGION };
  expect(problemsIn(await makeFaulty(sandbox, [findingOf('KMS.4', resource)]))).toEqual([]);
  const kms = new KMSClient(sandbox.administrator(ACCOUNT, REGION));
  expect((await kms.send(new DescribeKeyCommand({ KeyId: Id }))).KeyMetadata).toMatchObject({
    Arn: Id,
    MultiRegion: true,
  });
});

describe("the tags of a finding, CloudFormation's among them", () => {
  const tags = { suture: 'skip', 'aws:cloudformation:stack-name': 'shop' };
  it.each(REMEDIATIONS.filter((each) => each.tags).map((each) => [each.handles.controls[0]!, each] as const))(
    'are on the resource: %s',
    async (control, remediation) => {
      const place = { partition: 'aws', account: ACCOUNT, region: REGION };
      const elsewhere = await createSandbox({ ...OPTIONS, seed: 7 });
      const resource = await makeFaultyResource(elsewhere, scenariosOf(control), place, control, 'sample');
      await elsewhere.close();
      const finding = findingOf(control, { ...resource, Tags: tags });
      expect(problemsIn(await makeFaulty(sandbox, [finding]))).toEqual([]);
      const clients = clientsOn(sandbox.administrator(ACCOUNT, REGION), remediation.clients);
      expect(await remediation.tags!({ ...place, ...clients, target: finding.work.target } as never)).toEqual(tags);
    },
  );
});

it('one resource has the faults of several settings', async () => {
  const Id = `arn:aws:rds:${REGION}:${ACCOUNT}:db:orders`;
  const resource = { Type: 'AwsRdsDbInstance', Id, Partition: 'aws', Region: REGION };
  const findings = ['RDS.8', 'RDS.11', 'RDS.17'].map((control) => findingOf(control, resource));
  expect(problemsIn(await makeFaulty(sandbox, findings))).toEqual([]);
  const rds = new RDSClient(sandbox.administrator(ACCOUNT, REGION));
  expect((await rds.send(new DescribeDBInstancesCommand())).DBInstances).toMatchObject([
    { DBInstanceArn: Id, DeletionProtection: false, BackupRetentionPeriod: 0, CopyTagsToSnapshot: false },
  ]);
});
