import { beforeEach, describe, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { EC2 } from '../../../sandbox/services/ec2/state.ts';
import { manyCidrs, ssh } from '../support/ec2-rules.ts';
import { HOME, type SmallKernel, smallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
let group: string;
const call = (operation: string, input: object = {}) => kernel.as('ec2', operation, input);
const ingress = async (GroupId = group) => {
  const { SecurityGroupRules } = await call('DescribeSecurityGroupRules', {
    Filters: [{ Name: 'group-id', Values: [GroupId] }],
  });
  return SecurityGroupRules.filter((rule: { IsEgress: boolean }) => !rule.IsEgress);
};
const createVpc = async () => (await call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId as string;
const createGroup = async (VpcId: string | undefined, GroupName = 'web') =>
  (await call('CreateSecurityGroup', { GroupName, Description: 'web', VpcId })).GroupId as string;
beforeEach(async () => {
  kernel = smallKernel(ec2);
  group = await createGroup(await createVpc());
});

describe('an account and Region', () => {
  it('starts with a default VPC, whose default group allows traffic from itself and all egress', async () => {
    const { Vpcs } = await call('DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] });
    expect(Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true }]);
    const { SecurityGroups } = await call('DescribeSecurityGroups', {
      Filters: [{ Name: 'vpc-id', Values: [Vpcs[0].VpcId] }],
    });
    const [defaultGroup] = SecurityGroups;
    expect(SecurityGroups).toHaveLength(1);
    expect(defaultGroup.GroupName).toBe('default');
    expect(defaultGroup.IpPermissions).toEqual([
      {
        IpProtocol: '-1',
        IpRanges: [],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [{ GroupId: defaultGroup.GroupId, UserId: HOME.account }],
      },
    ]);
    expect(defaultGroup.IpPermissionsEgress).toMatchObject([{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]);
  });

  it('has its own ids', async () => {
    const of = async (place: typeof HOME) =>
      (await kernel.as('ec2', 'DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] }, place)).Vpcs[0]
        .VpcId;
    const ids = await Promise.all([
      of(HOME),
      of({ ...HOME, account: '222222222222' }),
      of({ ...HOME, region: 'eu-west-1' }),
    ]);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^vpc-[0-9a-f]{17}$/);
  });

  it('enables and disables encryption of new volumes', async () => {
    expect(await call('GetEbsEncryptionByDefault')).toMatchObject({ EbsEncryptionByDefault: false });
    await call('EnableEbsEncryptionByDefault');
    expect(await call('GetEbsEncryptionByDefault')).toMatchObject({ EbsEncryptionByDefault: true });
    await call('DisableEbsEncryptionByDefault');
    expect(await call('GetEbsEncryptionByDefault')).toMatchObject({ EbsEncryptionByDefault: false });
  });

  it('enables and disables the block of public snapshots', async () => {
    await call('EnableSnapshotBlockPublicAccess', { State: 'block-all-sharing' });
    expect(await call('GetSnapshotBlockPublicAccessState')).toMatchObject({ State: 'block-all-sharing' });
    await call('DisableSnapshotBlockPublicAccess');
    expect(await call('GetSnapshotBlockPublicAccessState')).toMatchObject({ State: 'unblocked' });
  });
});

describe('requests', () => {
  it.each([
    ['a member', 'DescribeVpcs', { PublicIp: 'x' }, 'member PublicIp of DescribeVpcs'],
    ['a filter', 'DescribeVpcs', { Filters: [{ Name: 'dhcp-options-id', Values: ['x'] }] }, 'filter dhcp-options-id'],
  ])('are rejected with the name of %s that is not modelled', async (_, operation, input, name) => {
    await expect(call(operation, input)).rejects.toMatchObject({
      code: 'NotModelled',
      status: 501,
      message: expect.stringContaining(name),
    });
  });
});

describe('a dry run', () => {
  it('returns DryRunOperation and changes nothing', async () => {
    const request = { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')], DryRun: true };
    await expect(call('AuthorizeSecurityGroupIngress', request)).rejects.toMatchObject({
      code: 'DryRunOperation',
      status: 412,
    });
    expect(await ingress()).toEqual([]);
  });
});

describe('permissions', () => {
  const arn = (rest: string) => `arn:aws:ec2:us-east-1:${HOME.account}:${rest}`;

  it('to change rules apply to the group, with its VPC and tags', async () => {
    await call('CreateTags', { Resources: [group], Tags: [{ Key: 'team', Value: 'web' }] });
    kernel.needed.length = 0;
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('10.0.0.0/8')] });
    expect(kernel.needed).toEqual([
      {
        action: 'ec2:AuthorizeSecurityGroupIngress',
        resource: arn(`security-group/${group}`),
        context: { 'ec2:Region': 'us-east-1', 'ec2:Vpc': expect.stringContaining(':vpc/vpc-') },
        resourceTags: { team: 'web' },
      },
    ]);
  });

  it('to create rules with tags apply to the rules, too', async () => {
    kernel.needed.length = 0;
    const TagSpecifications = [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: 'b' }] }];
    const IpPermissions = [ssh('10.0.0.0/8')];
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions, TagSpecifications });
    expect(kernel.needed).toMatchObject([
      { action: 'ec2:AuthorizeSecurityGroupIngress', resource: arn(`security-group/${group}`) },
      {
        action: 'ec2:AuthorizeSecurityGroupIngress',
        resource: arn('security-group-rule/*'),
        context: { 'aws:RequestTag/a': 'b' },
      },
      { action: 'ec2:CreateTags', resource: arn('security-group-rule/*') },
    ]);
  });

  it('to modify a rule apply to the rule, too', async () => {
    const {
      SecurityGroupRules: [rule],
    } = await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('10.0.0.0/8')] });
    kernel.needed.length = 0;
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 23, ToPort: 23, CidrIpv4: '10.0.0.0/8' };
    await call('ModifySecurityGroupRules', {
      GroupId: group,
      SecurityGroupRules: [{ SecurityGroupRuleId: rule.SecurityGroupRuleId, SecurityGroupRule }],
    });
    expect(kernel.needed.map((need) => need.resource)).toEqual([
      arn(`security-group/${group}`),
      arn(`security-group-rule/${rule.SecurityGroupRuleId}`),
    ]);
  });

  it('to tag at creation include ec2:CreateTags', async () => {
    kernel.needed.length = 0;
    const TagSpecifications = [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: 'b' }] }];
    await call('CreateSecurityGroup', { GroupName: 'tagged', Description: 'tagged', TagSpecifications });
    expect(kernel.needed[0]).toMatchObject({ action: 'ec2:CreateSecurityGroup', context: { 'aws:RequestTag/a': 'b' } });
    expect(kernel.needed.at(-1)).toMatchObject({
      action: 'ec2:CreateTags',
      resource: arn('security-group/*'),
      context: { 'aws:RequestTag/a': 'b', 'aws:TagKeys': ['a'], 'ec2:CreateAction': 'CreateSecurityGroup' },
    });
  });

  it('to describe apply to all resources', async () => {
    kernel.needed.length = 0;
    await call('DescribeSecurityGroupRules');
    expect(kernel.needed).toEqual([{ action: 'ec2:DescribeSecurityGroupRules', resource: '*' }]);
  });
});

describe('pages', () => {
  it('have at most MaxResults items and together contain each item once', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh(...manyCidrs(11))] });
    const ids: string[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('DescribeSecurityGroupRules', {
        Filters: [{ Name: 'group-id', Values: [group] }],
        MaxResults: 5,
        NextToken,
      });
      ids.push(...page.SecurityGroupRules.map((rule: { SecurityGroupRuleId: string }) => rule.SecurityGroupRuleId));
      sizes.push(page.SecurityGroupRules.length);
      NextToken = page.NextToken;
    } while (NextToken);
    expect(sizes).toEqual([5, 5, 2]);
    expect(new Set(ids).size).toBe(12);
  });

  it.each([
    ['too small', { MaxResults: 4 }, 'InvalidParameterValue'],
    ['too large', { MaxResults: 1001 }, 'InvalidParameterValue'],
    ['with an unknown token', { NextToken: 'nonsense' }, 'InvalidNextToken'],
  ])('are rejected %s', async (_, input, code) => {
    await expect(call('DescribeSecurityGroupRules', input)).rejects.toMatchObject({ code });
  });
});

describe('security groups', () => {
  it.each([
    ['a name that exists', { GroupName: 'web' }, 'InvalidGroup.Duplicate'],
    ['the reserved name', { GroupName: 'default' }, 'InvalidParameterValue'],
    ['a name like an id', { GroupName: 'sg-web' }, 'InvalidParameterValue'],
    ['an unknown VPC', { VpcId: 'vpc-00000000000000bad' }, 'InvalidVpcID.NotFound'],
  ])('cannot be created with %s', async (_, input, code) => {
    const {
      SecurityGroups: [web],
    } = await call('DescribeSecurityGroups', { GroupIds: [group] });
    const request = { GroupName: 'other', Description: 'other', VpcId: web.VpcId, ...input };
    await expect(call('CreateSecurityGroup', request)).rejects.toMatchObject({ code });
  });

  it('can be filtered by their rules', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')] });
    const Filters = [{ Name: 'ip-permission.cidr', Values: ['0.0.0.0/0'] }];
    const { SecurityGroups } = await call('DescribeSecurityGroups', { Filters });
    expect(SecurityGroups).toMatchObject([
      { GroupId: group, IpPermissions: [{ FromPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
    ]);
  });

  it('cannot be deleted while another group references them', async () => {
    const {
      SecurityGroups: [web],
    } = await call('DescribeSecurityGroups', { GroupIds: [group] });
    const other = await createGroup(web.VpcId, 'database');
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group }] }];
    await call('AuthorizeSecurityGroupIngress', { GroupId: other, IpPermissions });
    await expect(call('DeleteSecurityGroup', { GroupId: group })).rejects.toMatchObject({
      code: 'DependencyViolation',
    });
    await call('RevokeSecurityGroupIngress', { GroupId: other, IpPermissions });
    await call('DeleteSecurityGroup', { GroupId: group });
    await expect(call('DescribeSecurityGroups', { GroupIds: [group] })).rejects.toMatchObject({
      code: 'InvalidGroup.NotFound',
    });
    expect(await ingress(group)).toEqual([]);
  });

  it('named default cannot be deleted', async () => {
    const { SecurityGroups } = await call('DescribeSecurityGroups', {
      Filters: [{ Name: 'group-name', Values: ['default'] }],
    });
    await expect(call('DeleteSecurityGroup', { GroupId: SecurityGroups[0].GroupId })).rejects.toMatchObject({
      code: 'CannotDelete',
    });
  });
});

describe('network interfaces', () => {
  const subnet = async (VpcId: string) =>
    (await call('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' })).Subnet.SubnetId as string;
  const vpc = async () =>
    (await call('DescribeSecurityGroups', { GroupIds: [group] })).SecurityGroups[0].VpcId as string;

  it('can be filtered by their group, and prevent its deletion', async () => {
    const VpcId = await vpc();
    const { NetworkInterface } = await call('CreateNetworkInterface', {
      SubnetId: await subnet(VpcId),
      Groups: [group],
    });
    expect(NetworkInterface.PrivateIpAddress).toBe('10.0.1.4');
    const filtered = await call('DescribeNetworkInterfaces', { Filters: [{ Name: 'group-id', Values: [group] }] });
    expect(filtered.NetworkInterfaces).toMatchObject([{ NetworkInterfaceId: NetworkInterface.NetworkInterfaceId }]);
    await expect(call('DeleteSecurityGroup', { GroupId: group })).rejects.toMatchObject({
      code: 'DependencyViolation',
    });
    const other = await createGroup(VpcId, 'other');
    await call('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: NetworkInterface.NetworkInterfaceId,
      Groups: [other],
    });
    await call('DeleteSecurityGroup', { GroupId: group });
  });

  it('have at most five groups', async () => {
    const VpcId = await vpc();
    const groups = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => createGroup(VpcId, name)));
    const { NetworkInterface } = await call('CreateNetworkInterface', {
      SubnetId: await subnet(VpcId),
      Groups: groups.slice(0, 5),
    });
    const attempt = call('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: NetworkInterface.NetworkInterfaceId,
      Groups: groups,
    });
    await expect(attempt).rejects.toMatchObject({ code: 'SecurityGroupsPerInterfaceLimitExceeded' });
  });
});

describe('tags', () => {
  it('are deleted by key, by value, or all together', async () => {
    const Tags = ['a', 'b', 'c'].map((Key) => ({ Key, Value: '1' }));
    const names = async () =>
      (await call('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [group] }] })).Tags.map(
        (tag: { Key: string }) => tag.Key,
      );
    await call('CreateTags', { Resources: [group], Tags });
    await call('DeleteTags', { Resources: [group], Tags: [{ Key: 'a' }, { Key: 'b', Value: '2' }] });
    expect(await names()).toEqual(['b', 'c']);
    await call('DeleteTags', { Resources: [group] });
    expect(await names()).toEqual([]);
  });
});

describe('templates', () => {
  const create = (type: string, properties: object) => {
    const principal = kernel.administrator!(HOME.account);
    const at = { ...HOME, kernel, principal, requestId: 'r', state: kernel.state(EC2, HOME) };
    return ec2.resources![type]!.create(properties, at, { logicalId: 'Web', stack: 'App' });
  };

  it('create a group with its rules, whose egress rules replace the default', async () => {
    const { ref, attributes } = await create('AWS::EC2::SecurityGroup', {
      GroupDescription: 'web',
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }],
      SecurityGroupEgress: [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIp: '10.0.0.0/8' }],
    });
    const {
      SecurityGroups: [created],
    } = await call('DescribeSecurityGroups', { GroupIds: [ref] });
    expect(created.GroupName).toMatch(/^App-Web-/);
    expect(created.IpPermissions).toMatchObject([{ FromPort: 443 }]);
    expect(created.IpPermissionsEgress).toMatchObject([{ IpProtocol: 'udp', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]);
    expect(attributes).toEqual({ GroupId: ref, VpcId: created.VpcId });
  });

  it('create a VPC', async () => {
    const { ref, attributes } = await create('AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' });
    expect(attributes).toMatchObject({
      VpcId: ref,
      CidrBlock: '10.1.0.0/16',
      DefaultSecurityGroup: expect.stringMatching(/^sg-/),
    });
  });

  it('reject an unknown property', async () => {
    await expect(create('AWS::EC2::SecurityGroup', { GroupDescription: 'web', Colour: 'red' })).rejects.toThrow(
      /Web \(AWS::EC2::SecurityGroup\).*Colour/,
    );
  });
});

describe('an id that EC2 could not have created', () => {
  const permission = (more: object) => [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...more }];
  const cases: [operation: string, input: () => object, code: string][] = [
    ['DescribeSecurityGroups', () => ({ GroupIds: ['sg-1'] }), 'InvalidGroupId.Malformed'],
    [
      'DescribeSecurityGroupRules',
      () => ({ Filters: [{ Name: 'group-id', Values: ['sg-0123456789abcdefg'] }] }),
      'InvalidGroupId.Malformed',
    ],
    ['DescribeSecurityGroupRules', () => ({ SecurityGroupRuleIds: ['sgr-1'] }), 'InvalidSecurityGroupRuleId.Malformed'],
    [
      'AuthorizeSecurityGroupIngress',
      () => ({ GroupId: group, IpPermissions: permission({ UserIdGroupPairs: [{ GroupId: 'sg-x' }] }) }),
      'InvalidGroupId.Malformed',
    ],
    [
      'AuthorizeSecurityGroupIngress',
      () => ({ GroupId: group, IpPermissions: permission({ PrefixListIds: [{ PrefixListId: 'pl-x' }] }) }),
      'InvalidPrefixListId.Malformed',
    ],
    ['DescribeManagedPrefixLists', () => ({ PrefixListIds: ['pl-x'] }), 'InvalidPrefixListId.Malformed'],
    ['DescribeVpcs', () => ({ VpcIds: ['vpc-x'] }), 'InvalidVpcID.Malformed'],
    ['CreateSecurityGroup', () => ({ GroupName: 'g', Description: 'g', VpcId: 'vpc-x' }), 'InvalidVpcID.Malformed'],
    ['DescribeSubnets', () => ({ SubnetIds: ['subnet-x'] }), 'InvalidSubnetID.Malformed'],
    ['DescribeNetworkAcls', () => ({ NetworkAclIds: ['acl-x'] }), 'InvalidNetworkAclId.Malformed'],
    ['DescribeNetworkInterfaces', () => ({ NetworkInterfaceIds: ['eni-x'] }), 'InvalidNetworkInterfaceId.Malformed'],
  ];
  it.each(cases)('is refused by %s', async (operation, input, code) => {
    await expect(call(operation, input())).rejects.toMatchObject({ code });
  });
  it('is no error as a filter of DescribeSecurityGroups', async () => {
    const Filters = [{ Name: 'group-id', Values: ['sg-1'] }];
    expect(await call('DescribeSecurityGroups', { Filters })).toMatchObject({ SecurityGroups: [] });
  });
});
