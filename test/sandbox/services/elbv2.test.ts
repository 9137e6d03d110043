import { beforeEach, describe, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { elbv2 } from '../../../sandbox/services/elbv2/index.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
let vpc: string;
let subnets: string[];
const elb = (operation: string, input: object = {}) => kernel.as('elbv2', operation, input);
const network = (operation: string, input: object = {}) => kernel.as('ec2', operation, input);
const createGroup = async (GroupName: string, VpcId = vpc) =>
  (await network('CreateSecurityGroup', { GroupName, Description: GroupName, VpcId })).GroupId as string;
const create = async (more: object = {}) =>
  (await elb('CreateLoadBalancer', { Name: 'web', Subnets: subnets, ...more })).LoadBalancers[0];
const interfaces = async () =>
  (await network('DescribeNetworkInterfaces', { Filters: [{ Name: 'requester-id', Values: ['amazon-elb'] }] }))
    .NetworkInterfaces;
const groupsOnInterfaces = async () =>
  (await interfaces()).map(({ Groups }: any) => Groups.map(({ GroupId }: any) => GroupId));

beforeEach(async () => {
  kernel = smallKernel(ec2, elbv2);
  vpc = (await network('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
  subnets = [];
  for (const third of [1, 2]) {
    const { Subnet } = await network('CreateSubnet', { VpcId: vpc, CidrBlock: `10.0.${third}.0/24` });
    subnets.push(Subnet.SubnetId);
  }
});

describe('a load balancer', () => {
  it('has an interface in each subnet, whose groups only the load balancer can change', async () => {
    const [one, other] = [await createGroup('one'), await createGroup('other')];
    const { LoadBalancerArn } = await create({ SecurityGroups: [one] });
    expect(await groupsOnInterfaces()).toEqual([[one], [one]]);
    const [first] = await interfaces();
    expect(first).toMatchObject({
      Description: LoadBalancerArn.replace(/.*loadbalancer\//, 'ELB '),
      RequesterManaged: true,
      InterfaceType: 'interface',
    });
    const change = { NetworkInterfaceId: first.NetworkInterfaceId, Groups: [other] };
    await expect(network('ModifyNetworkInterfaceAttribute', change)).rejects.toMatchObject({ code: 'AuthFailure' });
    await elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [one, other] });
    expect(await groupsOnInterfaces()).toEqual([
      [one, other],
      [one, other],
    ]);
    const { LoadBalancers } = await elb('DescribeLoadBalancers', { LoadBalancerArns: [LoadBalancerArn] });
    expect(LoadBalancers).toMatchObject([{ LoadBalancerName: 'web', VpcId: vpc, SecurityGroups: [one, other] }]);
  });

  it('gets the default group of its VPC if the request names none', async () => {
    const { SecurityGroups } = await create();
    const described = await network('DescribeSecurityGroups', { GroupIds: SecurityGroups });
    expect(described.SecurityGroups).toMatchObject([{ GroupName: 'default', VpcId: vpc }]);
  });

  it('of type network can never have groups if it was created without', async () => {
    const { LoadBalancerArn, SecurityGroups } = await create({ Type: 'network' });
    expect(SecurityGroups).toBeUndefined();
    expect((await interfaces())[0]).toMatchObject({ InterfaceType: 'network_load_balancer', Groups: [] });
    await expect(
      elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [await createGroup('late')] }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' });
  });

  it('is deleted with its interfaces', async () => {
    const { LoadBalancerArn } = await create();
    await elb('DeleteLoadBalancer', { LoadBalancerArn });
    expect(await interfaces()).toEqual([]);
    await expect(elb('DescribeLoadBalancers', { Names: ['web'] })).rejects.toMatchObject({
      code: 'LoadBalancerNotFoundException',
    });
  });

  it('has tags', async () => {
    const { LoadBalancerArn } = await create({ Tags: [{ Key: 'team', Value: 'web' }] });
    await elb('AddTags', { ResourceArns: [LoadBalancerArn], Tags: [{ Key: 'stage', Value: 'live' }] });
    const { TagDescriptions } = await elb('DescribeTags', { ResourceArns: [LoadBalancerArn] });
    expect(TagDescriptions[0].Tags).toEqual([
      { Key: 'team', Value: 'web' },
      { Key: 'stage', Value: 'live' },
    ]);
  });
});

describe('SetSecurityGroups', () => {
  it.each([
    [
      'for more than five groups',
      async () => Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((n) => createGroup(n))),
      'InvalidConfigurationRequestException',
    ],
    ['without groups', async () => [], 'InvalidConfigurationRequestException'],
    ['for an unknown group', async () => ['sg-00000000000000fff'], 'InvalidSecurityGroupException'],
    [
      'for a group of another VPC',
      async () => [await createGroup('far', (await network('CreateVpc', { CidrBlock: '10.1.0.0/16' })).Vpc.VpcId)],
      'InvalidSecurityGroupException',
    ],
  ])('fails %s, and the old groups stay', async (_, groups, code) => {
    const own = await createGroup('own');
    const { LoadBalancerArn } = await create({ SecurityGroups: [own] });
    await expect(elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: await groups() })).rejects.toMatchObject({
      code,
    });
    expect(await groupsOnInterfaces()).toEqual([[own], [own]]);
  });
});

describe('permission to set groups', () => {
  it('applies to the load balancer, with its tags and the groups', async () => {
    const group = await createGroup('one');
    const { LoadBalancerArn } = await create({ Tags: [{ Key: 'team', Value: 'web' }] });
    kernel.needed.length = 0;
    await elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [group] });
    expect(kernel.needed).toEqual([
      {
        action: 'elasticloadbalancing:SetSecurityGroups',
        resource: LoadBalancerArn,
        context: { 'elasticloadbalancing:SecurityGroup': [group] },
        resourceTags: { team: 'web' },
      },
    ]);
  });
});

describe('the attributes of a load balancer', () => {
  const attributesOf = async (LoadBalancerArn: string) => {
    const { Attributes } = await elb('DescribeLoadBalancerAttributes', { LoadBalancerArn });
    return Object.fromEntries(Attributes.map(({ Key, Value }: Record<string, string>) => [Key, Value]));
  };
  const modify = (LoadBalancerArn: string, Key: string, Value: string) =>
    elb('ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes: [{ Key, Value }] });

  it('change one by one, and keep it from being deleted', async () => {
    const { LoadBalancerArn } = await create();
    expect(await attributesOf(LoadBalancerArn)).toMatchObject({
      'deletion_protection.enabled': 'false',
      'routing.http.desync_mitigation_mode': 'defensive',
      'routing.http.drop_invalid_header_fields.enabled': 'false',
    });
    await modify(LoadBalancerArn, 'deletion_protection.enabled', 'true');
    await modify(LoadBalancerArn, 'routing.http.desync_mitigation_mode', 'strictest');
    expect(await attributesOf(LoadBalancerArn)).toMatchObject({
      'deletion_protection.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'strictest',
    });
    await expect(elb('DeleteLoadBalancer', { LoadBalancerArn })).rejects.toMatchObject({
      code: 'OperationNotPermittedException',
    });
    await modify(LoadBalancerArn, 'deletion_protection.enabled', 'false');
    await elb('DeleteLoadBalancer', { LoadBalancerArn });
  });

  it.each([
    ['network', 'routing.http.desync_mitigation_mode', 'strictest', 'ValidationError'],
    ['application', 'routing.http.desync_mitigation_mode', 'none', 'ValidationError'],
    ['application', 'deletion_protection.enabled', 'yes', 'ValidationError'],
    ['application', 'access_logs.s3.enabled', 'true', 'NotModelled'],
  ])('are refused for type %s: %s = %s', async (Type, key, value, code) => {
    const { LoadBalancerArn } = await create({ Type });
    await expect(modify(LoadBalancerArn, key, value)).rejects.toMatchObject({ code });
  });
});
