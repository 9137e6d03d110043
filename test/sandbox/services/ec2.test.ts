import { beforeEach, describe, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { home, type SmallKernel, smallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
let group: string;
const call = (operation: string, input: object = {}) => kernel.as('ec2', operation, input);
const ssh = (...cidrs: string[]) => ({
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});
const ingress = async (GroupId = group) => {
  const { SecurityGroupRules } = await call('DescribeSecurityGroupRules', {
    Filters: [{ Name: 'group-id', Values: [GroupId] }],
  });
  return SecurityGroupRules.filter((rule: { IsEgress: boolean }) => !rule.IsEgress);
};
const manyCidrs = (count: number) => Array.from({ length: count }, (_, index) => `10.0.${index}.0/24`);
const vpcOfItsOwn = async () => (await call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId as string;
const groupIn = async (VpcId: string | undefined, GroupName = 'web') =>
  (await call('CreateSecurityGroup', { GroupName, Description: 'web', VpcId })).GroupId as string;

beforeEach(async () => {
  kernel = smallKernel(ec2);
  group = await groupIn(await vpcOfItsOwn());
});

describe('an account and Region', () => {
  it('starts with a default VPC whose default group admits itself and lets everything out', async () => {
    const { Vpcs } = await call('DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] });
    expect(Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true }]);
    const { SecurityGroups } = await call('DescribeSecurityGroups', {
      Filters: [{ Name: 'vpc-id', Values: [Vpcs[0].VpcId] }],
    });
    const [only] = SecurityGroups;
    expect(SecurityGroups).toHaveLength(1);
    expect(only.GroupName).toBe('default');
    expect(only.IpPermissions).toEqual([
      {
        IpProtocol: '-1',
        IpRanges: [],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [{ GroupId: only.GroupId, UserId: home.account }],
      },
    ]);
    expect(only.IpPermissionsEgress).toMatchObject([{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]);
  });

  it('has ids of its own', async () => {
    const of = async (place: typeof home) =>
      (await kernel.as('ec2', 'DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] }, place)).Vpcs[0]
        .VpcId;
    const ids = await Promise.all([
      of(home),
      of({ ...home, account: '222222222222' }),
      of({ ...home, region: 'eu-west-1' }),
    ]);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^vpc-[0-9a-f]{17}$/);
  });

  it('turns encryption of new volumes on and off', async () => {
    expect(await call('GetEbsEncryptionByDefault')).toMatchObject({ EbsEncryptionByDefault: false });
    await call('EnableEbsEncryptionByDefault');
    expect(await call('GetEbsEncryptionByDefault')).toMatchObject({ EbsEncryptionByDefault: true });
    await call('DisableEbsEncryptionByDefault');
    expect(await call('GetEbsEncryptionByDefault')).toMatchObject({ EbsEncryptionByDefault: false });
  });

  it('blocks public snapshots where asked to', async () => {
    await call('EnableSnapshotBlockPublicAccess', { State: 'block-all-sharing' });
    expect(await call('GetSnapshotBlockPublicAccessState')).toMatchObject({ State: 'block-all-sharing' });
    await call('DisableSnapshotBlockPublicAccess');
    expect(await call('GetSnapshotBlockPublicAccessState')).toMatchObject({ State: 'unblocked' });
  });
});

describe('what is not modelled', () => {
  it.each([
    ['a member', 'DescribeVpcs', { PublicIp: 'x' }, 'member PublicIp of DescribeVpcs'],
    ['a filter', 'DescribeVpcs', { Filters: [{ Name: 'dhcp-options-id', Values: ['x'] }] }, 'filter dhcp-options-id'],
  ])('is refused by its name: %s', async (_, operation, input, named) => {
    await expect(call(operation, input)).rejects.toMatchObject({
      code: 'NotModelled',
      status: 501,
      message: expect.stringContaining(named),
    });
  });
});

describe('a dry run', () => {
  it('changes nothing and says that it would have', async () => {
    const request = { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')], DryRun: true };
    await expect(call('AuthorizeSecurityGroupIngress', request)).rejects.toMatchObject({
      code: 'DryRunOperation',
      status: 412,
    });
    expect(await ingress()).toEqual([]);
  });
});

describe('permissions', () => {
  const arn = (rest: string) => `arn:aws:ec2:us-east-1:${home.account}:${rest}`;

  it('to change rules are decided on the group, with its VPC and tags', async () => {
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

  it('to make rules with tags are decided on rules too', async () => {
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

  it('to modify a rule are decided on the rule too', async () => {
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

  it('to tag at creation are ec2:CreateTags on top', async () => {
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

  it('to describe are decided on everything', async () => {
    kernel.needed.length = 0;
    await call('DescribeSecurityGroupRules');
    expect(kernel.needed).toEqual([{ action: 'ec2:DescribeSecurityGroupRules', resource: '*' }]);
  });
});

describe('authorizing rules', () => {
  it('keeps each rule under an id of its own', async () => {
    const answer = await call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8', '0.0.0.0/0')],
    });
    expect(answer.SecurityGroupRules).toHaveLength(2);
    expect(await ingress()).toEqual(answer.SecurityGroupRules);
    expect(answer.SecurityGroupRules[1]).toMatchObject({
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      CidrIpv4: '0.0.0.0/0',
      GroupId: group,
    });
  });

  it.each([
    ['clears host bits of IPv4', ssh('100.68.0.18/18'), { CidrIpv4: '100.68.0.0/18' }],
    [
      'shortens IPv6',
      { IpProtocol: '6', FromPort: 1, ToPort: 2, Ipv6Ranges: [{ CidrIpv6: '2001:0db8:0:0::1/32' }] },
      { IpProtocol: 'tcp', CidrIpv6: '2001:db8::/32' },
    ],
    [
      'knows all of IPv6',
      { IpProtocol: 'udp', FromPort: 1, ToPort: 2, Ipv6Ranges: [{ CidrIpv6: '0:0:0:0:0:0:0:0/0' }] },
      { IpProtocol: 'udp', CidrIpv6: '::/0' },
    ],
    [
      'ignores ports of all protocols',
      { IpProtocol: '-1', FromPort: 5, ToPort: 6, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      { IpProtocol: '-1', FromPort: -1, ToPort: -1 },
    ],
    [
      'keeps type and code of ICMP',
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      { FromPort: 8, ToPort: -1 },
    ],
  ])('%s', async (_, permission, expected) => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [permission] });
    expect(await ingress()).toMatchObject([expected]);
  });

  it.each([
    ['a malformed CIDR', ssh('10.0.0.0/33'), 'CIDR block 10.0.0.0/33 is malformed'],
    ['an address without a length', ssh('10.0.0.0'), 'CIDR block 10.0.0.0 is malformed'],
    ['ports turned round', { ...ssh('10.0.0.0/8'), FromPort: 23 }, 'port range'],
    ['a port beyond 65535', { ...ssh('10.0.0.0/8'), ToPort: 65536 }, 'out of range'],
    ['TCP without ports', { ...ssh('10.0.0.0/8'), FromPort: undefined }, 'Must specify both from and to ports'],
    ['an unknown protocol', { ...ssh('10.0.0.0/8'), IpProtocol: 'smtp' }, 'Unknown protocol'],
    ['no peer', ssh(), 'must be specified'],
    ['a rule twice, one with host bits', ssh('10.0.0.0/8', '10.1.0.0/8'), 'must not appear multiple times'],
  ])('refuses %s', async (_, permission, message) => {
    const attempt = call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [permission] });
    await expect(attempt).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
  });

  it('refuses the whole batch for one duplicate', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')] });
    const attempt = call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8', '0.0.0.0/0')],
    });
    await expect(attempt).rejects.toMatchObject({
      code: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" already exists',
    });
    expect(await ingress()).toHaveLength(1);
  });

  it('counts 60 rules a family', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh(...manyCidrs(60))] });
    const oneMore = call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')] });
    await expect(oneMore).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
    const ipv6 = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ipv6] });
    expect(await ingress()).toHaveLength(61);
  });

  it.each([
    ['no such group', 'sg-00000000000000bad', 'InvalidGroup.NotFound'],
    ['no id at all', 'web', 'InvalidGroupId.Malformed'],
  ])('refuses %s', async (_, GroupId, code) => {
    await expect(
      call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [ssh('10.0.0.0/8')] }),
    ).rejects.toMatchObject({ code });
  });

  it('tags the rules it makes', async () => {
    const TagSpecifications = [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'why', Value: 'office' }] }];
    await call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8')],
      TagSpecifications,
    });
    const { SecurityGroupRules } = await call('DescribeSecurityGroupRules', {
      Filters: [{ Name: 'tag:why', Values: ['off*'] }],
    });
    expect(SecurityGroupRules).toMatchObject([{ CidrIpv4: '10.0.0.0/8', Tags: [{ Key: 'why', Value: 'office' }] }]);
  });
});

describe('revoking rules', () => {
  it('takes them away by id and says what they were', async () => {
    const { SecurityGroupRules } = await call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8', '0.0.0.0/0')],
    });
    const id = SecurityGroupRules[1].SecurityGroupRuleId;
    const answer = await call('RevokeSecurityGroupIngress', { GroupId: group, SecurityGroupRuleIds: [id] });
    expect(answer.RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: id, CidrIpv4: '0.0.0.0/0' }]);
    expect(await ingress()).toMatchObject([{ CidrIpv4: '10.0.0.0/8' }]);
  });

  it('refuses ids of another group, or direction, and revokes none', async () => {
    const { SecurityGroupRules } = await call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8')],
    });
    const egress = (
      await call('DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [group] }] })
    ).SecurityGroupRules.find((rule: { IsEgress: boolean }) => rule.IsEgress);
    const SecurityGroupRuleIds = [SecurityGroupRules[0].SecurityGroupRuleId, egress.SecurityGroupRuleId];
    await expect(call('RevokeSecurityGroupIngress', { GroupId: group, SecurityGroupRuleIds })).rejects.toMatchObject({
      code: 'InvalidSecurityGroupRuleId.NotFound',
    });
    expect(await ingress()).toHaveLength(1);
  });

  it('refuses unknown permissions outside a default VPC', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('10.0.0.0/8')] });
    const attempt = call('RevokeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8', '0.0.0.0/0')],
    });
    await expect(attempt).rejects.toMatchObject({ code: 'InvalidPermission.NotFound' });
    expect(await ingress()).toHaveLength(1);
  });

  it('hands unknown permissions back in a default VPC', async () => {
    const inDefault = await groupIn(undefined);
    const answer = await call('RevokeSecurityGroupIngress', { GroupId: inDefault, IpPermissions: [ssh('0.0.0.0/0')] });
    expect(answer).toMatchObject({
      Return: true,
      UnknownIpPermissions: [ssh('0.0.0.0/0')],
      RevokedSecurityGroupRules: [],
    });
  });
});

describe('changing rules', () => {
  it('keeps the id of a modified rule', async () => {
    const {
      SecurityGroupRules: [rule],
    } = await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')] });
    const SecurityGroupRule = {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      CidrIpv4: '10.0.0.0/8',
      Description: 'office',
    };
    await call('ModifySecurityGroupRules', {
      GroupId: group,
      SecurityGroupRules: [{ SecurityGroupRuleId: rule.SecurityGroupRuleId, SecurityGroupRule }],
    });
    expect(await ingress()).toMatchObject([
      { SecurityGroupRuleId: rule.SecurityGroupRuleId, CidrIpv4: '10.0.0.0/8', Description: 'office' },
    ]);
  });

  it('describes rules afresh', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('10.0.0.0/8')] });
    const IpPermissions = [{ ...ssh(), IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }] }];
    await call('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId: group, IpPermissions });
    expect(await ingress()).toMatchObject([{ Description: 'office' }]);
  });
});

describe('pages', () => {
  it('hold as many rules as asked for, and together all of them once', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh(...manyCidrs(11))] });
    const seen: string[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('DescribeSecurityGroupRules', {
        Filters: [{ Name: 'group-id', Values: [group] }],
        MaxResults: 5,
        NextToken,
      });
      seen.push(...page.SecurityGroupRules.map((rule: { SecurityGroupRuleId: string }) => rule.SecurityGroupRuleId));
      sizes.push(page.SecurityGroupRules.length);
      NextToken = page.NextToken;
    } while (NextToken);
    expect(sizes).toEqual([5, 5, 2]);
    expect(new Set(seen).size).toBe(12);
  });

  it.each([
    ['too small', { MaxResults: 4 }, 'InvalidParameterValue'],
    ['too large', { MaxResults: 1001 }, 'InvalidParameterValue'],
    ['with a token of nobody', { NextToken: 'nonsense' }, 'InvalidNextToken'],
  ])('are refused %s', async (_, input, code) => {
    await expect(call('DescribeSecurityGroupRules', input)).rejects.toMatchObject({ code });
  });
});

describe('security groups', () => {
  it.each([
    ['a name that is taken', { GroupName: 'web' }, 'InvalidGroup.Duplicate'],
    ['the reserved name', { GroupName: 'default' }, 'InvalidParameterValue'],
    ['a name like an id', { GroupName: 'sg-web' }, 'InvalidParameterValue'],
    ['no such VPC', { VpcId: 'vpc-00000000000000bad' }, 'InvalidVpcID.NotFound'],
  ])('are not made with %s', async (_, input, code) => {
    const {
      SecurityGroups: [web],
    } = await call('DescribeSecurityGroups', { GroupIds: [group] });
    const request = { GroupName: 'other', Description: 'other', VpcId: web.VpcId, ...input };
    await expect(call('CreateSecurityGroup', request)).rejects.toMatchObject({ code });
  });

  it('are found by what their rules say', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')] });
    const Filters = [{ Name: 'ip-permission.cidr', Values: ['0.0.0.0/0'] }];
    const { SecurityGroups } = await call('DescribeSecurityGroups', { Filters });
    expect(SecurityGroups).toMatchObject([
      { GroupId: group, IpPermissions: [{ FromPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
    ]);
  });

  it('are not deleted while another group names them', async () => {
    const {
      SecurityGroups: [web],
    } = await call('DescribeSecurityGroups', { GroupIds: [group] });
    const other = await groupIn(web.VpcId, 'database');
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

  it('named default stay', async () => {
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

  it('are found by their group, keep it from deletion, and let it go', async () => {
    const VpcId = await vpc();
    const { NetworkInterface } = await call('CreateNetworkInterface', {
      SubnetId: await subnet(VpcId),
      Groups: [group],
    });
    expect(NetworkInterface.PrivateIpAddress).toBe('10.0.1.4');
    const found = await call('DescribeNetworkInterfaces', { Filters: [{ Name: 'group-id', Values: [group] }] });
    expect(found.NetworkInterfaces).toMatchObject([{ NetworkInterfaceId: NetworkInterface.NetworkInterfaceId }]);
    await expect(call('DeleteSecurityGroup', { GroupId: group })).rejects.toMatchObject({
      code: 'DependencyViolation',
    });
    const other = await groupIn(VpcId, 'other');
    await call('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: NetworkInterface.NetworkInterfaceId,
      Groups: [other],
    });
    await call('DeleteSecurityGroup', { GroupId: group });
  });

  it('bear five groups', async () => {
    const VpcId = await vpc();
    const groups = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => groupIn(VpcId, name)));
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

describe('prefix lists', () => {
  const settled = () => kernel.clock.advance(2000);
  const create = async (MaxEntries: number, ...cidrs: string[]) => {
    const made = await call('CreateManagedPrefixList', {
      PrefixListName: 'edge',
      AddressFamily: 'IPv4',
      MaxEntries,
      Entries: cidrs.map((Cidr) => ({ Cidr })),
    });
    await settled();
    return made.PrefixList.PrefixListId as string;
  };
  const described = async (PrefixListId: string) =>
    (await call('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })).PrefixLists[0];
  const entries = async (PrefixListId: string, TargetVersion?: number) =>
    (await call('GetManagedPrefixListEntries', { PrefixListId, TargetVersion })).Entries.map(
      (entry: { Cidr: string }) => entry.Cidr,
    );

  it('change under the current version alone, and keep the versions before', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const change = { PrefixListId, AddEntries: [{ Cidr: '192.0.2.1/24' }], RemoveEntries: [{ Cidr: '10.0.0.0/8' }] };
    await call('ModifyManagedPrefixList', { ...change, CurrentVersion: 1 });
    await settled();
    await expect(call('ModifyManagedPrefixList', { ...change, CurrentVersion: 1 })).rejects.toMatchObject({
      code: 'PrefixListVersionMismatch',
    });
    expect(await entries(PrefixListId)).toEqual(['192.0.2.0/24']);
    expect(await entries(PrefixListId, 1)).toEqual(['10.0.0.0/8']);
  });

  it('hold no more than their maximum', async () => {
    const PrefixListId = await create(1, '10.0.0.0/8');
    const change = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '192.0.2.0/24' }] };
    await expect(call('ModifyManagedPrefixList', change)).rejects.toMatchObject({
      code: 'PrefixListMaxEntriesExceeded',
    });
  });

  it('weigh their maximum in a group, also when they grow', async () => {
    const PrefixListId = await create(40);
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }];
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions });
    await expect(
      call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh(...manyCidrs(21))] }),
    ).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
    await call('ModifyManagedPrefixList', { PrefixListId, MaxEntries: 61 });
    await settled();
    expect(await described(PrefixListId)).toMatchObject({ State: 'modify-failed', MaxEntries: 40 });
    await expect(call('DeleteManagedPrefixList', { PrefixListId })).rejects.toMatchObject({
      code: 'DependencyViolation',
    });
  });

  it('take no other change while one is in progress', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const add = (Cidr: string, CurrentVersion: number) =>
      call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion, AddEntries: [{ Cidr }] });
    expect((await add('192.0.2.0/24', 1)).PrefixList).toMatchObject({ State: 'modify-in-progress' });
    await expect(add('198.51.100.0/24', 2)).rejects.toMatchObject({
      code: 'IncorrectState',
      message: expect.stringContaining('in the current state (modify-in-progress)'),
    });
    await settled();
    expect(await described(PrefixListId)).toMatchObject({ State: 'modify-complete', Version: 2 });
    await add('198.51.100.0/24', 2);
    expect(await entries(PrefixListId)).toEqual(['10.0.0.0/8', '192.0.2.0/24', '198.51.100.0/24']);
  });

  it('go back to the entries of a version, as a new version', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const AddEntries = [{ Cidr: '192.0.2.0/24' }];
    await call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion: 1, AddEntries });
    await settled();
    await call('RestoreManagedPrefixListVersion', { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 });
    await settled();
    expect(await described(PrefixListId)).toMatchObject({ State: 'restore-complete', Version: 3 });
    expect(await entries(PrefixListId)).toEqual(['10.0.0.0/8']);
  });

  it('refuse an entry that they hold, and entries together with a new size', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const change = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '10.0.0.0/8' }] };
    await expect(call('ModifyManagedPrefixList', change)).rejects.toMatchObject({
      code: 'InvalidPrefixListModification',
    });
    await expect(call('ModifyManagedPrefixList', { ...change, MaxEntries: 9 })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
  });
});

describe('tags', () => {
  it('go alone, by value, or all together', async () => {
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
    const principal = kernel.administrator!(home.account);
    const at = { ...home, kernel, principal, requestId: 'r', state: kernel.state(ec2, home) };
    return ec2.resources![type]!.create(properties, at, { logicalId: 'Web', stack: 'App' });
  };

  it('make a group with its rules, where egress replaces the default', async () => {
    const { ref, attributes } = await create('AWS::EC2::SecurityGroup', {
      GroupDescription: 'web',
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }],
      SecurityGroupEgress: [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIp: '10.0.0.0/8' }],
    });
    const {
      SecurityGroups: [made],
    } = await call('DescribeSecurityGroups', { GroupIds: [ref] });
    expect(made.GroupName).toMatch(/^App-Web-/);
    expect(made.IpPermissions).toMatchObject([{ FromPort: 443 }]);
    expect(made.IpPermissionsEgress).toMatchObject([{ IpProtocol: 'udp', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]);
    expect(attributes).toEqual({ GroupId: ref, VpcId: made.VpcId });
  });

  it('make a VPC', async () => {
    const { ref, attributes } = await create('AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' });
    expect(attributes).toMatchObject({
      VpcId: ref,
      CidrBlock: '10.1.0.0/16',
      DefaultSecurityGroup: expect.stringMatching(/^sg-/),
    });
  });

  it('with an unknown property are refused', async () => {
    await expect(create('AWS::EC2::SecurityGroup', { GroupDescription: 'web', Colour: 'red' })).rejects.toThrow(
      /Web \(AWS::EC2::SecurityGroup\).*Colour/,
    );
  });
});
