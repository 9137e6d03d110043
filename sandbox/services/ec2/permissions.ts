/**
 * Rules of security groups as requests write them (IpPermissions) and as descriptions show them.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import { arnOf } from './needs.ts';
import { invalid } from './requests.ts';
import { listNamed } from './shared-lists.ts';
import type { Ec2, Peer, Rule } from './state.ts';
import { tagsOf } from './tags.ts';

/** A rule that has no id yet. */
export type Wanted = Omit<Rule, 'id' | 'groupId' | 'egress'>;

/**
 * The single rules that a set of permissions stands for.
 * @throws AwsError InvalidParameterValue, InvalidGroup.NotFound, InvalidPrefixListID.NotFound
 */
export function rulesIn(permissions: readonly sdk.IpPermission[], at: Ec2): Wanted[] {
  const rules = permissions.flatMap((permission) => {
    const traffic = trafficOf(permission);
    const peers = peersOf(permission, at);
    if (peers.length === 0)
      throw invalid('Either CIDR, security group or prefix list must be specified for each permission.');
    return peers.map((peer) => ({ ...traffic, ...peer }));
  });
  if (new Set(rules.map(identity)).size < rules.length) {
    throw invalid('The same permission must not appear multiple times');
  }
  return rules;
}

/** Two rules of a group and direction are the same when this is. */
export const identity = (rule: Wanted): string => [rule.protocol, rule.from, rule.to, peerText(rule.peer)].join('|');

/** The rule in the words of EC2's duplicate error: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`. */
export function inWords(rule: Wanted): string {
  const peer = `peer: ${peerText(rule.peer)}`;
  if (rule.protocol === '-1') return `${peer}, ALL, ALLOW`;
  if (!hasPorts(rule.protocol)) return `${peer}, protocol: ${rule.protocol}, ALLOW`;
  const [from, to] = isIcmp(rule.protocol) ? ['type', 'code'] : ['from port', 'to port'];
  return `${peer}, ${rule.protocol.toUpperCase()}, ${from}: ${rule.from}, ${to}: ${rule.to}, ALLOW`;
}

/** A group's rules as DescribeSecurityGroups shows them: one permission for each protocol and range of ports. */
export function permissionsOf(rules: readonly Rule[]): sdk.IpPermission[] {
  const permissions = new Map<
    string,
    Required<Pick<sdk.IpPermission, 'IpRanges' | 'Ipv6Ranges' | 'PrefixListIds' | 'UserIdGroupPairs'>> &
      sdk.IpPermission
  >();
  for (const rule of rules) {
    const key = [rule.protocol, rule.from, rule.to].join('|');
    const permission = permissions.get(key) ?? {
      ...ports(rule),
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

/** One rule as DescribeSecurityGroupRules and the Authorize operations show it. */
export const ruleShown = (rule: Rule, at: Ec2): sdk.SecurityGroupRule => ({
  SecurityGroupRuleId: rule.id,
  SecurityGroupRuleArn: arnOf(at, 'security-group-rule', rule.id),
  GroupId: rule.groupId,
  GroupOwnerId: at.account,
  IsEgress: rule.egress,
  IpProtocol: rule.protocol,
  FromPort: rule.from,
  ToPort: rule.to,
  ...(rule.peer.kind === 'ipv4' && { CidrIpv4: rule.peer.cidr }),
  ...(rule.peer.kind === 'ipv6' && { CidrIpv6: rule.peer.cidr }),
  ...(rule.peer.kind === 'prefixList' && { PrefixListId: rule.peer.id }),
  ...(rule.peer.kind === 'group' && { ReferencedGroupInfo: { GroupId: rule.peer.id, UserId: rule.peer.account } }),
  ...(rule.description !== undefined && { Description: rule.description }),
  Tags: tagsOf(rule.id, at),
});

/** One revoked rule, which names a referenced group by its id alone. */
export const ruleRevoked = (rule: Rule, at: Ec2): sdk.RevokedSecurityGroupRule => {
  const {
    ReferencedGroupInfo,
    SecurityGroupRuleArn: _arn,
    GroupOwnerId: _owner,
    Tags: _tags,
    ...shown
  } = ruleShown(rule, at);
  return { ...shown, ...(ReferencedGroupInfo && { ReferencedGroupId: ReferencedGroupInfo.GroupId }) };
};

const ports = (rule: Rule): sdk.IpPermission =>
  hasPorts(rule.protocol)
    ? { IpProtocol: rule.protocol, FromPort: rule.from, ToPort: rule.to }
    : { IpProtocol: rule.protocol };

const peerText = (peer: Peer): string => ('cidr' in peer ? peer.cidr : peer.id);

const NAMES: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6', all: '-1' };
const isIcmp = (protocol: string): boolean => protocol === 'icmp' || protocol === 'icmpv6';
const hasPorts = (protocol: string): boolean => protocol === 'tcp' || protocol === 'udp' || isIcmp(protocol);

/** Protocols without ports cover all of them, whatever ports the request names. */
function trafficOf({ IpProtocol, FromPort, ToPort }: sdk.IpPermission): Pick<Wanted, 'protocol' | 'from' | 'to'> {
  if (IpProtocol === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ipProtocol');
  const protocol = NAMES[IpProtocol.toLowerCase()] ?? IpProtocol.toLowerCase();
  if (!hasPorts(protocol)) {
    const known = protocol === '-1' || (/^\d+$/.test(protocol) && Number(protocol) <= 255);
    if (!known) throw invalid(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`);
    return { protocol, from: -1, to: -1 };
  }
  if (isIcmp(protocol)) return { protocol, from: FromPort ?? -1, to: ToPort ?? -1 };
  if (FromPort === undefined || ToPort === undefined) {
    throw invalid(`Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.`);
  }
  for (const port of [FromPort, ToPort]) {
    if (port < 0 || port > 65535) throw invalid(`TCP/UDP port (${port}) out of range`);
  }
  if (FromPort > ToPort) throw invalid(`Invalid TCP/UDP port range (${FromPort}:${ToPort})`);
  return { protocol, from: FromPort, to: ToPort };
}

function peersOf(permission: sdk.IpPermission, at: Ec2): { peer: Peer; description?: string }[] {
  const peer = (of: Peer, description: string | undefined) => ({
    peer: of,
    ...(description !== undefined && { description: describedAs(description) }),
  });
  return [
    ...(permission.IpRanges ?? []).map((range) =>
      peer({ kind: 'ipv4', cidr: canonicalIpv4(range.CidrIp ?? '') }, range.Description),
    ),
    ...(permission.Ipv6Ranges ?? []).map((range) =>
      peer({ kind: 'ipv6', cidr: canonicalIpv6(range.CidrIpv6 ?? '') }, range.Description),
    ),
    ...(permission.PrefixListIds ?? []).map((list) =>
      peer(prefixListOf(list.PrefixListId ?? '', at), list.Description),
    ),
    ...(permission.UserIdGroupPairs ?? []).map((pair) => peer(groupOf(pair, at), pair.Description)),
  ];
}

function prefixListOf(id: string, at: Ec2): Peer {
  if (!listNamed(id, at)) {
    throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  }
  return { kind: 'prefixList', id };
}

function groupOf(pair: sdk.UserIdGroupPair, at: Ec2): Peer {
  const account = pair.UserId ?? at.account;
  if (pair.VpcPeeringConnectionId !== undefined || account !== at.account) {
    throw notModelled('references to security groups of peered VPCs');
  }
  const { groups } = at.state;
  const group =
    pair.GroupId !== undefined
      ? groups.get(pair.GroupId)
      : [...groups.values()].find((one) => one.name === pair.GroupName && at.state.vpcs.get(one.vpcId)?.isDefault);
  if (!group) {
    throw new AwsError(
      'InvalidGroup.NotFound',
      `You have specified two resources that belong to different networks, or the security group '${pair.GroupId ?? pair.GroupName}' does not exist`,
    );
  }
  return { kind: 'group', id: group.id, account };
}

/** @throws AwsError InvalidParameterValue for a description that EC2 refuses. */
export function describedAs(description: string): string {
  if (/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description)) return description;
  throw invalid(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}
