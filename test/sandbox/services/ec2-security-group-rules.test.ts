import { beforeEach, describe, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { manyCidrs, ssh } from '../support/ec2-rules.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

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

describe('the authorization of rules', () => {
  it('gives each rule its own id', async () => {
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
      'shortens all of IPv6',
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
    ['ports in reverse order', { ...ssh('10.0.0.0/8'), FromPort: 23 }, 'port range'],
    ['a port beyond 65535', { ...ssh('10.0.0.0/8'), ToPort: 65536 }, 'out of range'],
    ['TCP without ports', { ...ssh('10.0.0.0/8'), FromPort: undefined }, 'Must specify both from and to ports'],
    ['an unknown protocol', { ...ssh('10.0.0.0/8'), IpProtocol: 'smtp' }, 'Unknown protocol'],
    ['no peer', ssh(), 'must be specified'],
    ['a rule twice, one with host bits', ssh('10.0.0.0/8', '10.1.0.0/8'), 'must not appear multiple times'],
  ])('rejects %s', async (_, permission, message) => {
    const attempt = call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [permission] });
    await expect(attempt).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
  });

  it('rejects the whole batch for one duplicate', async () => {
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

  it('is limited to 60 rules per address family', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh(...manyCidrs(60))] });
    const oneMore = call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('0.0.0.0/0')] });
    await expect(oneMore).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
    const ipv6 = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ipv6] });
    expect(await ingress()).toHaveLength(61);
  });

  it.each([
    ['an unknown group', 'sg-00000000000000bad', 'InvalidGroup.NotFound'],
    ['a malformed id', 'web', 'InvalidGroupId.Malformed'],
  ])('rejects %s', async (_, GroupId, code) => {
    await expect(
      call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [ssh('10.0.0.0/8')] }),
    ).rejects.toMatchObject({ code });
  });

  it('tags new rules', async () => {
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

describe('the revocation of rules', () => {
  it('returns the rules that it deletes', async () => {
    const { SecurityGroupRules } = await call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8', '0.0.0.0/0')],
    });
    const id = SecurityGroupRules[1].SecurityGroupRuleId;
    const answer = await call('RevokeSecurityGroupIngress', { GroupId: group, SecurityGroupRuleIds: [id] });
    expect(answer.RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: id, CidrIpv4: '0.0.0.0/0' }]);
    expect(await ingress()).toMatchObject([{ CidrIpv4: '10.0.0.0/8' }]);
  });

  it('rejects all rules if one belongs to another group or direction', async () => {
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

  it('rejects unknown permissions outside a default VPC', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('10.0.0.0/8')] });
    const attempt = call('RevokeSecurityGroupIngress', {
      GroupId: group,
      IpPermissions: [ssh('10.0.0.0/8', '0.0.0.0/0')],
    });
    await expect(attempt).rejects.toMatchObject({ code: 'InvalidPermission.NotFound' });
    expect(await ingress()).toHaveLength(1);
  });

  it('returns unknown permissions in a default VPC', async () => {
    const inDefault = await createGroup(undefined);
    const answer = await call('RevokeSecurityGroupIngress', { GroupId: inDefault, IpPermissions: [ssh('0.0.0.0/0')] });
    expect(answer).toMatchObject({
      Return: true,
      UnknownIpPermissions: [ssh('0.0.0.0/0')],
      RevokedSecurityGroupRules: [],
    });
  });
});

describe('the modification of rules', () => {
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

  it('updates descriptions', async () => {
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh('10.0.0.0/8')] });
    const IpPermissions = [{ ...ssh(), IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }] }];
    await call('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId: group, IpPermissions });
    expect(await ingress()).toMatchObject([{ Description: 'office' }]);
  });
});
