/** The updater through its stack: message, subscription over Regions, function, role in another account, groups. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateLoadBalancerCommand, DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { unmatchedEvents } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { setQuota } from '../../sandbox/services/servicequotas/state.ts';
import { fixture, ORIGIN, published, SHARED, startUpdater, type Updater } from '../support/updater.ts';

let updater: Updater;
beforeAll(async () => {
  updater = await startUpdater();
});
afterAll(() => updater.sandbox.close());

const serving = (service: string, more: object = {}) =>
  updater.configure((targets) =>
    targets.map((target) => ({
      ...target,
      ...more,
      // As many as CloudFront's ranges need.
      ...(target.mode === 'prefix-list' && { rulesPerGroup: 1000, groupsPerInterface: 1 }),
      services: [service],
    })),
  );

describe('the published versions, in the order in which they were published', () => {
  it.each([
    ['duplicate-rows.1', 'CLOUDFRONT', 61],
    ['cloudfront-99-124-99.1', 'CLOUDFRONT', 99],
    ['cloudfront-99-124-99.2', 'CLOUDFRONT', 124],
    ['cloudfront-99-124-99.3', 'CLOUDFRONT', 99],
    ['origin-facing-0-42.1', 'CLOUDFRONT', 125],
    ['origin-facing-0-42.2', 'CLOUDFRONT_ORIGIN_FACING', 42],
    ['origin-facing-46-68-45.1', 'CLOUDFRONT_ORIGIN_FACING', 46],
    ['origin-facing-46-68-45.2', 'CLOUDFRONT_ORIGIN_FACING', 68],
    ['origin-facing-46-68-45.3', 'CLOUDFRONT_ORIGIN_FACING', 45],
    ['latest', 'CLOUDFRONT_ORIGIN_FACING', 46],
  ])('%s leaves groups and prefix lists equal to what it says of %s', async (name, service, rows) => {
    // Another service takes much away at once, which somebody must want.
    await serving(service, { shrinkLimit: 100 });
    const text = await fixture(name);
    await updater.publishAndAnnounce(text);
    expect(await updater.letIn()).toEqual(published(text, service));
    expect(await updater.inLists()).toEqual(published(text, service));
    const used = (await updater.groups()).filter(({ IpPermissions }) => IpPermissions!.length > 0);
    // Groups are sticky: they were filled by 125 rows, and rules stay where they are.
    expect(used.length).toBeLessThanOrEqual(Math.ceil(Math.max(rows, 125) / 54) + 1);
    expect(await updater.failures()).toEqual([]);
  });

  it('are in the ledger, newest last, and published to subscribers', async () => {
    const ledger = await updater.ledger();
    expect(ledger.get(`target#${ORIGIN}/us-east-1/shop-origin`)).toMatchObject({ syncToken: { N: '1787411825' } });
    expect([...ledger.keys()].filter((key) => key.startsWith('lease#'))).toEqual([]);
    const events = unmatchedEvents(updater.kernel).filter(
      ({ detailType }) => detailType === 'Suture IP Ranges Changed',
    );
    expect(events.length).toBeGreaterThan(8);
  });

  it('cost one download and no write when they are announced again', async () => {
    const text = await fixture('latest');
    const before = updater.downloads().length;
    const changes = await updater.changesDuring(() => updater.publishAndAnnounce(text));
    expect(changes).toEqual([]);
    expect(updater.downloads().length - before).toBe(1);
  });

  it('are read by accounts of the organization, with which the list is shared', async () => {
    expect(await updater.listsSeenIn(ORIGIN, 'eu-west-1')).toEqual(await updater.listsSeenIn(SHARED, 'eu-west-1'));
  });
});

describe('a group that people changed', () => {
  it('is corrected by the daily run, without any message', async () => {
    const text = await fixture('latest');
    const [group] = (await updater.groups()).filter(({ IpPermissions }) => IpPermissions!.length > 0);
    await updater.revokeAll(group!.GroupId!);
    expect(await updater.letIn()).not.toEqual(published(text));
    await updater.kernel.clock.advance(24 * 3_600_000);
    await updater.sandbox.settled();
    expect(await updater.letIn()).toEqual(published(text));
  });
});

describe('ports', () => {
  it.each([
    ['80', ['80'], ['tcp 80']],
    ['80 and 443', ['80', '443'], ['tcp 80', 'tcp 443']],
    ['a range and UDP', ['80-443', '443/udp'], ['tcp 80-443', 'udp 443']],
  ])('that become %s are all open, and no others', async (_, ports, seen) => {
    const text = await fixture('latest');
    await updater.configure((targets) => targets.map((target) => ({ ...target, ports, shrinkLimit: 100 })));
    await updater.publishAndAnnounce(text);
    for (const each of seen) expect(await updater.letIn(each)).toEqual(published(text));
    const met = new Set((await updater.rules()).map((rule) => rule.split(' ').slice(0, 2).join(' ')));
    expect([...met].sort()).toEqual([...seen].sort());
  });
});

describe('an additional group', () => {
  it('is attached to the interfaces of the others, beside existing groups', async () => {
    await updater.configure((targets) => targets.map((target) => ({ ...target, shrinkLimit: 100 })));
    await updater.publishAndAnnounce(await fixture('latest'));
    const { id: VpcId, subnets } = await updater.vpc();
    const ours = (await updater.groups()).map(({ GroupId }) => GroupId!);
    const people = await updater
      .ec2()
      .send(new CreateSecurityGroupCommand({ GroupName: 'people', Description: 'of people', VpcId }));
    const Groups = [people.GroupId!, ...ours];
    const { NetworkInterface } = await updater
      .ec2()
      .send(new CreateNetworkInterfaceCommand({ SubnetId: subnets[0]!, Groups }));
    const elb = updater.elb();
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: 'web', Subnets: subnets, SecurityGroups: Groups }),
    );
    await updater.configure((targets) => targets.map((target) => ({ ...target, services: ['CLOUDFRONT'] })));
    const text = await fixture('latest');
    await updater.publishAndAnnounce(text);

    expect(await updater.letIn()).toEqual(published(text, 'CLOUDFRONT'));
    const all = (await updater.groups()).map(({ GroupId }) => GroupId!);
    expect(all.length).toBeGreaterThan(Groups.length);
    expect((await updater.groupsOn(NetworkInterface!.NetworkInterfaceId!)).sort()).toEqual(all.sort());
    const LoadBalancerArns = [LoadBalancers![0]!.LoadBalancerArn!];
    const after = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }));
    expect(after.LoadBalancers![0]!.SecurityGroups!.sort()).toEqual(all.sort());
  });
});

describe('a quota that was raised', () => {
  it('is read if the target says so: groups hold twice as many rules', async () => {
    const before = (await updater.groups()).length;
    setQuota(updater.kernel, { partition: 'aws', account: ORIGIN, region: 'us-east-1' }, 'vpc/L-0EA8095F', 200);
    await serving('CLOUDFRONT', { ports: ['443', '8443'], rulesPerGroup: 'quota' });
    const text = await fixture('latest');
    await updater.publishAndAnnounce(text);
    for (const ports of ['tcp 443', 'tcp 8443'])
      expect(await updater.letIn(ports)).toEqual(published(text, 'CLOUDFRONT'));
    expect(await updater.groups()).toHaveLength(before);
  });
});

describe('a list that is shared', () => {
  it('is shared with further accounts that the target names', async () => {
    const organization = `arn:aws:organizations::999999999999:organization/${updater.context.organizationId}`;
    await serving('CLOUDFRONT', { rulesPerGroup: 200, ports: ['443', '8443'], shareWith: [organization, ORIGIN] });
    await updater.publishAndAnnounce(await fixture('latest'));
    expect(await updater.sharedWith()).toEqual([ORIGIN, organization]);
  });
});

describe('the role in the target account', () => {
  beforeAll(async () => {
    const document = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
    const iam = new IAMClient(updater.sandbox.administrator(updater.context.securityAccount));
    const RoleName = 'suture-other';
    const trust = document({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
    await iam.send(new CreateRoleCommand({ RoleName, Path: '/suture/', AssumeRolePolicyDocument: trust }));
    const PolicyDocument = document({ Action: 'sts:*', Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'assume', PolicyDocument }));
  });

  /** As the function does it, from an account and role of Suture. */
  const assume = async (role: string, tag = 'ip-ranges') => {
    const principal = updater.kernel.assumeForService('lambda.amazonaws.com', role, 'function');
    const command = new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${ORIGIN}:role/suture/suture-ip-ranges-member`,
      RoleSessionName: 'try',
      ExternalId: updater.context.externalId,
      SourceIdentity: sourceIdentity('a run'),
      Tags: [{ Key: 'suture:remediation', Value: tag }],
    });
    return (await new STSClient(updater.sandbox.clientSettings(principal)).send(command)).Credentials!;
  };
  const roleOf = (path: string) => `arn:aws:iam::${updater.context.securityAccount}:role/suture/${path}`;

  it('can change no group of people', async () => {
    const credentials = await assume(roleOf('ip-ranges/suture-ip-ranges'));
    const ec2 = new EC2Client({
      endpoint: updater.sandbox.endpoint,
      region: 'us-east-1',
      credentials: {
        accessKeyId: credentials.AccessKeyId!,
        secretAccessKey: credentials.SecretAccessKey!,
        sessionToken: credentials.SessionToken,
      },
    });
    const GroupId = (await updater.groups()).find(({ GroupName }) => GroupName === 'people')!.GroupId;
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }];
    const TagSpecifications = [
      { ResourceType: 'security-group-rule' as const, Tags: [{ Key: 'suture:ip-ranges', Value: 'shop-origin' }] },
    ];
    await expect(
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, TagSpecifications })),
    ).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  it.each([
    ['another function of Suture', 'suture-other', 'ip-ranges'],
    ['a session that says it is another remediation', 'ip-ranges/suture-ip-ranges', 'ec2/close-admin-ports'],
  ])('is closed to %s', async (_, role, tag) => {
    await expect(assume(roleOf(role), tag)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('the alarms', () => {
  it.each([
    ['suture-ip-ranges-refused', 'IpRangesRefused'],
    ['suture-ip-ranges-targets-failed', 'IpRangesTargetsFailed'],
  ])('%s watches the metric that the function writes', async (name, metric) => {
    const alarm = await updater.alarm(name);
    const [written] = updater.metricDocuments(metric);
    expect(written._aws.CloudWatchMetrics).toMatchObject([
      { Namespace: alarm.Namespace, Dimensions: [alarm.Dimensions!.map(({ Name }) => Name)] },
    ]);
    expect(written._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: any) => Name)).toContain(alarm.MetricName);
    for (const { Name, Value } of alarm.Dimensions!) expect(written[Name!]).toBe(Value);
  });
});
