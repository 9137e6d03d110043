import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import { ec2Arn } from './needs.ts';
import { checkIdForm, invalidEc2Parameter } from './requests.ts';
import { findPrefixList } from './shared-lists.ts';
import type { Ec2At, RulePeer, SecurityGroupRule } from './state.ts';
import { describeTags } from './tags.ts';

export type NewRule = Omit<SecurityGroupRule, 'id' | 'groupId' | 'direction'>;

/**
 * Returns one rule for each peer.
 * @throws AwsError InvalidParameterValue, InvalidGroup.NotFound, InvalidPrefixListID.NotFound
 */
export function parsePermissions(permissions: readonly sdk.IpPermission[], at: Ec2At): NewRule[] {
  const rules = permissions.flatMap((permission) => {
    const traffic = parseTraffic(permission);
    const peers = parsePeers(permission, at);
    if (peers.length === 0)
      throw invalidEc2Parameter('Either CIDR, security group or prefix list must be specified for each permission.');
    return peers.map((peer) => ({ ...traffic, ...peer }));
  });
  if (new Set(rules.map(ruleIdentity)).size < rules.length)
    throw invalidEc2Parameter('The same permission must not appear multiple times');
  return rules;
}

export const ruleIdentity = (rule: NewRule): string =>
  [rule.protocol, rule.from, rule.to, peerText(rule.peer)].join('|');

/** Returns the text of EC2's duplicate error: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`. */
export function securityGroupRuleText(rule: NewRule): string {
  const peer = `peer: ${peerText(rule.peer)}`;
  if (rule.protocol === '-1') return `${peer}, ALL, ALLOW`;
  if (!hasPorts(rule.protocol)) return `${peer}, protocol: ${rule.protocol}, ALLOW`;
  const [from, to] = isIcmp(rule.protocol) ? ['type', 'code'] : ['from port', 'to port'];
  return `${peer}, ${rule.protocol.toUpperCase()}, ${from}: ${rule.from}, ${to}: ${rule.to}, ALLOW`;
}

/** Returns one permission for each protocol and range of ports, as DescribeSecurityGroups does. */
export function describePermissions(rules: readonly SecurityGroupRule[]): sdk.IpPermission[] {
  const permissions = new Map<
    string,
    Required<Pick<sdk.IpPermission, 'IpRanges' | 'Ipv6Ranges' | 'PrefixListIds' | 'UserIdGroupPairs'>> &
      sdk.IpPermission
  >();
  for (const rule of rules) {
    const key = [rule.protocol, rule.from, rule.to].join('|');
    const permission = permissions.get(key) ?? {
      ...protocolAndPorts(rule),
      IpRanges: [],
      Ipv6Ranges: [],
      PrefixListIds: [],
      UserIdGroupPairs: [],
    };
    permissions.set(key, permission);
    const Description = rule.description;
    if (rule.peer.kind === 'ipv4') permission.IpRanges.push({ CidrIp: rule.peer.cidr, Description });
    if (rule.peer.kind === 'ipv6') permission.Ipv6Ranges.push({ CidrIpv6: rule.peer.cidr, Description });
    if (rule.peer.kind === 'prefixList') permission.PrefixListIds.push({ PrefixListId: rule.peer.id, Description });
    if (rule.peer.kind === 'group')
      permission.UserIdGroupPairs.push({ GroupId: rule.peer.id, UserId: rule.peer.account, Description });
  }
  return [...permissions.values()];
}

export const describeRule = (rule: SecurityGroupRule, at: Ec2At): sdk.SecurityGroupRule => ({
  SecurityGroupRuleId: rule.id,
  SecurityGroupRuleArn: ec2Arn(at, 'security-group-rule', rule.id),
  GroupId: rule.groupId,
  GroupOwnerId: at.account,
  IsEgress: rule.direction === 'egress',
  IpProtocol: rule.protocol,
  FromPort: rule.from,
  ToPort: rule.to,
  ...(rule.peer.kind === 'ipv4' && { CidrIpv4: rule.peer.cidr }),
  ...(rule.peer.kind === 'ipv6' && { CidrIpv6: rule.peer.cidr }),
  ...(rule.peer.kind === 'prefixList' && { PrefixListId: rule.peer.id }),
  ...(rule.peer.kind === 'group' && { ReferencedGroupInfo: { GroupId: rule.peer.id, UserId: rule.peer.account } }),
  ...(rule.description !== undefined && { Description: rule.description }),
  Tags: describeTags(rule.id, at),
});

/** The Revoke operations name a referenced group by its id only. */
export const describeRevokedRule = (rule: SecurityGroupRule, at: Ec2At): sdk.RevokedSecurityGroupRule => {
  const {
    ReferencedGroupInfo,
    SecurityGroupRuleArn: _arn,
    GroupOwnerId: _owner,
    Tags: _tags,
    ...rest
  } = describeRule(rule, at);
  return { ...rest, ...(ReferencedGroupInfo && { ReferencedGroupId: ReferencedGroupInfo.GroupId }) };
};

const protocolAndPorts = (rule: SecurityGroupRule): sdk.IpPermission =>
  hasPorts(rule.protocol)
    ? { IpProtocol: rule.protocol, FromPort: rule.from, ToPort: rule.to }
    : { IpProtocol: rule.protocol };

const peerText = (peer: RulePeer): string => ('cidr' in peer ? peer.cidr : peer.id);

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
  all: '-1',
};
const isIcmp = (protocol: string): boolean => protocol === 'icmp' || protocol === 'icmpv6';
const hasPorts = (protocol: string): boolean => protocol === 'tcp' || protocol === 'udp' || isIcmp(protocol);

/** A protocol without ports ignores those of the request. */
function parseTraffic({ IpProtocol, FromPort, ToPort }: sdk.IpPermission): Pick<NewRule, 'protocol' | 'from' | 'to'> {
  if (IpProtocol === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ipProtocol');
  const protocol = PROTOCOL_NAMES[IpProtocol.toLowerCase()] ?? IpProtocol.toLowerCase();
  if (!hasPorts(protocol)) {
    const known = protocol === '-1' || (/^\d+$/.test(protocol) && Number(protocol) <= 255);
    if (!known) throw invalidEc2Parameter(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`);
    return { protocol, from: -1, to: -1 };
  }
  if (isIcmp(protocol)) return { protocol, from: FromPort ?? -1, to: ToPort ?? -1 };
  if (FromPort === undefined || ToPort === undefined)
    throw invalidEc2Parameter(`Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.`);
  for (const port of [FromPort, ToPort]) {
    if (port < 0 || port > 65535) throw invalidEc2Parameter(`TCP/UDP port (${port}) out of range`);
  }
  if (FromPort > ToPort) throw invalidEc2Parameter(`Invalid TCP/UDP port range (${FromPort}:${ToPort})`);
  return { protocol, from: FromPort, to: ToPort };
}

function parsePeers(permission: sdk.IpPermission, at: Ec2At): { peer: RulePeer; description?: string }[] {
  const peer = (value: RulePeer, description: string | undefined) => ({
    peer: value,
    ...(description !== undefined && { description: checkRuleDescription(description) }),
  });
  return [
    ...(permission.IpRanges ?? []).map((range) =>
      peer({ kind: 'ipv4', cidr: canonicalIpv4(range.CidrIp ?? '') }, range.Description),
    ),
    ...(permission.Ipv6Ranges ?? []).map((range) =>
      peer({ kind: 'ipv6', cidr: canonicalIpv6(range.CidrIpv6 ?? '') }, range.Description),
    ),
    ...(permission.PrefixListIds ?? []).map((list) =>
      peer(parsePrefixListPeer(list.PrefixListId ?? '', at), list.Description),
    ),
    ...(permission.UserIdGroupPairs ?? []).map((pair) => peer(parseGroupPeer(pair, at), pair.Description)),
  ];
}

function parsePrefixListPeer(id: string, at: Ec2At): RulePeer {
  checkIdForm(id, 'pl-');
  if (!findPrefixList(id, at))
    throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  return { kind: 'prefixList', id };
}

function parseGroupPeer(pair: sdk.UserIdGroupPair, at: Ec2At): RulePeer {
  const account = pair.UserId ?? at.account;
  if (pair.VpcPeeringConnectionId !== undefined || account !== at.account)
    throw notModelled('references to security groups of peered VPCs');
  if (pair.GroupId !== undefined) checkIdForm(pair.GroupId, 'sg-');
  const { groups } = at.state;
  const group =
    pair.GroupId !== undefined
      ? groups.get(pair.GroupId)
      : [...groups.values()].find(
          (group) => group.name === pair.GroupName && at.state.vpcs.get(group.vpcId)?.isDefault,
        );
  if (!group)
    throw new AwsError(
      'InvalidGroup.NotFound',
      `You have specified two resources that belong to different networks, or the security group '${pair.GroupId ?? pair.GroupName}' does not exist`,
    );
  return { kind: 'group', id: group.id, account };
}

export function checkRuleDescription(description: string): string {
  if (/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description)) return description;
  throw invalidEc2Parameter(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}
