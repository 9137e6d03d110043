import { beforeEach, describe, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { elbv2 } from '../../../sandbox/services/elbv2/index.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
let vpc: string;
let subnets: string[];
const elb = (operation: string, input: object = {}) => kernel.as('elbv2', operation, input);
const network = (operation: string, input: object = {}) => kernel.as('ec2', operation, input);
const groupNamed = async (GroupName: string, VpcId = vpc) =>
  (await network('CreateSecurityGroup', { GroupName, Description: GroupName, VpcId })).GroupId as string;
const create = async (more: object = {}) =>
  (await elb('CreateLoadBalancer', { Name: 'web', Subnets: subnets, ...more })).LoadBalancers[0];
const interfaces = async () =>
  (await network('DescribeNetworkInterfaces', { Filters: [{ Name: 'requester-id', Values: ['amazon-elb'] }] }))
    .NetworkInterfaces;
const groupsOnInterfaces = async () =>
  (await interfaces()).map((one: any) => one.Groups.map(({ GroupId }: any) => GroupId));

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
  it('has an interface in each subnet with its groups, which it alone changes', async () => {
    const [one, other] = [await groupNamed('one'), await groupNamed('other')];
    const { LoadBalancerArn } = await create({ SecurityGroups: [one] });
    expect(await groupsOnInterfaces()).toEqual([[one], [one]]);
    const [first] = await interfaces();
    expect(first).toMatchObject({
      Description: LoadBalancerArn.replace(/.*loadbalancer\//, 'ELB '),
      RequesterManaged: true,
      InterfaceType: 'interface',
    });
    const around = { NetworkInterfaceId: first.NetworkInterfaceId, Groups: [other] };
    await expect(network('ModifyNetworkInterfaceAttribute', around)).rejects.toMatchObject({ code: 'AuthFailure' });
    await elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [one, other] });
    expect(await groupsOnInterfaces()).toEqual([
      [one, other],
      [one, other],
    ]);
    const { LoadBalancers } = await elb('DescribeLoadBalancers', { LoadBalancerArns: [LoadBalancerArn] });
    expect(LoadBalancers).toMatchObject([{ LoadBalancerName: 'web', VpcId: vpc, SecurityGroups: [one, other] }]);
  });

  it('gets the default group of its VPC where none is given', async () => {
    const { SecurityGroups } = await create();
    const found = await network('DescribeSecurityGroups', { GroupIds: SecurityGroups });
    expect(found.SecurityGroups).toMatchObject([{ GroupName: 'default', VpcId: vpc }]);
  });

  it('for network traffic never gets groups when it was made without', async () => {
    const { LoadBalancerArn, SecurityGroups } = await create({ Type: 'network' });
    expect(SecurityGroups).toBeUndefined();
    expect((await interfaces())[0]).toMatchObject({ InterfaceType: 'network_load_balancer', Groups: [] });
    await expect(
      elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [await groupNamed('late')] }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' });
  });

  it('leaves with its interfaces', async () => {
    const { LoadBalancerArn } = await create();
    await elb('DeleteLoadBalancer', { LoadBalancerArn });
    expect(await interfaces()).toEqual([]);
    await expect(elb('DescribeLoadBalancers', { Names: ['web'] })).rejects.toMatchObject({
      code: 'LoadBalancerNotFoundException',
    });
  });

  it('shows its tags', async () => {
    const { LoadBalancerArn } = await create({ Tags: [{ Key: 'team', Value: 'web' }] });
    await elb('AddTags', { ResourceArns: [LoadBalancerArn], Tags: [{ Key: 'stage', Value: 'live' }] });
    const { TagDescriptions } = await elb('DescribeTags', { ResourceArns: [LoadBalancerArn] });
    expect(TagDescriptions[0].Tags).toEqual([
      { Key: 'team', Value: 'web' },
      { Key: 'stage', Value: 'live' },
    ]);
  });
});

describe('groups are refused, and the old ones stay,', () => {
  it.each([
    [
      'when they are more than five',
      async () => Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((n) => groupNamed(n))),
      'InvalidConfigurationRequestException',
    ],
    ['when there are none', async () => [], 'InvalidConfigurationRequestException'],
    ['when one does not exist', async () => ['sg-00000000000000fff'], 'InvalidSecurityGroupException'],
    [
      'when one lies in another VPC',
      async () => [await groupNamed('far', (await network('CreateVpc', { CidrBlock: '10.1.0.0/16' })).Vpc.VpcId)],
      'InvalidSecurityGroupException',
    ],
  ])('%s', async (_, groups, code) => {
    const own = await groupNamed('own');
    const { LoadBalancerArn } = await create({ SecurityGroups: [own] });
    await expect(elb('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: await groups() })).rejects.toMatchObject({
      code,
    });
    expect(await groupsOnInterfaces()).toEqual([[own], [own]]);
  });
});

describe('permission to set groups', () => {
  it('is decided on the load balancer, with its tags and the groups', async () => {
    const group = await groupNamed('one');
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
