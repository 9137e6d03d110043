/**
 * Rules of security groups: authorized all together or not at all, revoked by their ids or by what they say.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { quotaIn } from '../service-quotas/index.ts';
import { needOn, needOnGroup } from './needs.ts';
import { describedAs, identity, inWords, ruleRevoked, ruleShown, rulesIn, type Wanted } from './permissions.ts';
import { changes, checkShape, described, type Ec2Operations, filtered, invalid, missing, reads } from './requests.ts';
import { groupIdIn, groupIn, inDefaultVpc } from './security-groups.ts';
import { listNamed } from './shared-lists.ts';
import type { Ec2, Group, Peer, PrefixList, Rule } from './state.ts';
import { tagNew } from './tags.ts';

const FLAT = [
  'CidrIp',
  'FromPort',
  'ToPort',
  'IpProtocol',
  'SourceSecurityGroupName',
  'SourceSecurityGroupOwnerId',
] as const;

export const securityGroupRuleOperations: Ec2Operations = {
  AuthorizeSecurityGroupIngress: changes(
    'AuthorizeSecurityGroupIngress',
    ['GroupId', 'GroupName', 'IpPermissions', 'TagSpecifications', ...FLAT],
    (input, at) => [
      needOnGroup('AuthorizeSecurityGroupIngress', groupIdIn(input, at), at),
      ...needOnTaggedRules('AuthorizeSecurityGroupIngress', input, at),
    ],
    (input, at) => authorize(false, groupIn(input, at), permissionsIn(input), input.TagSpecifications, at),
  ),
  AuthorizeSecurityGroupEgress: changes(
    'AuthorizeSecurityGroupEgress',
    ['GroupId', 'IpPermissions', 'TagSpecifications'],
    (input, at) => [
      needOnGroup('AuthorizeSecurityGroupEgress', input.GroupId ?? '*', at),
      ...needOnTaggedRules('AuthorizeSecurityGroupEgress', input, at),
    ],
    (input, at) => authorize(true, groupIn(input, at), permissionsIn(input), input.TagSpecifications, at),
  ),
  RevokeSecurityGroupIngress: changes(
    'RevokeSecurityGroupIngress',
    ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleIds', ...FLAT],
    (input, at) => [needOnGroup('RevokeSecurityGroupIngress', groupIdIn(input, at), at)],
    (input, at) => revoke(false, groupIn(input, at), input, at),
  ),
  RevokeSecurityGroupEgress: changes(
    'RevokeSecurityGroupEgress',
    ['GroupId', 'IpPermissions', 'SecurityGroupRuleIds'],
    (input, at) => [needOnGroup('RevokeSecurityGroupEgress', input.GroupId ?? '*', at)],
    (input, at) => revoke(true, groupIn(input, at), input, at),
  ),
  ModifySecurityGroupRules: changes(
    'ModifySecurityGroupRules',
    ['GroupId', 'SecurityGroupRules'],
    (input, at) => [
      needOnGroup('ModifySecurityGroupRules', input.GroupId ?? '*', at),
      ...(input.SecurityGroupRules ?? []).flatMap((update) => [
        needOn('ModifySecurityGroupRules', 'security-group-rule', update.SecurityGroupRuleId ?? '*', at),
        ...[update.SecurityGroupRule?.PrefixListId ?? []]
          .flat()
          .map((id) => needOn('ModifySecurityGroupRules', 'prefix-list', id, at)),
      ]),
    ],
    (input, at) => {
      modify(groupIn(input, at), input.SecurityGroupRules ?? [], at);
      return { Return: true };
    },
  ),
  UpdateSecurityGroupRuleDescriptionsIngress: changes(
    'UpdateSecurityGroupRuleDescriptionsIngress',
    ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'],
    (input, at) => [needOnGroup('UpdateSecurityGroupRuleDescriptionsIngress', groupIdIn(input, at), at)],
    (input, at) => describe(false, groupIn(input, at), input, at),
  ),
  UpdateSecurityGroupRuleDescriptionsEgress: changes(
    'UpdateSecurityGroupRuleDescriptionsEgress',
    ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'],
    (input, at) => [needOnGroup('UpdateSecurityGroupRuleDescriptionsEgress', groupIdIn(input, at), at)],
    (input, at) => describe(true, groupIn(input, at), input, at),
  ),
  DescribeSecurityGroupRules: reads(
    'DescribeSecurityGroupRules',
    ['Filters', 'SecurityGroupRuleIds', 'MaxResults', 'NextToken'],
    (input, at) => {
      const rules = input.SecurityGroupRuleIds?.length
        ? input.SecurityGroupRuleIds.map((id) => ruleWith(id, at))
        : at.state.rules.values();
      const found = filtered(
        rules,
        input.Filters,
        { 'group-id': (rule) => rule.groupId, 'security-group-rule-id': (rule) => rule.id },
        at,
      );
      const page = described(found, input);
      return { SecurityGroupRules: page.items.map((rule) => ruleShown(rule, at)), NextToken: page.nextToken };
    },
  ),
};

/** Rules that are made with tags are resources of the call, too. */
const needOnTaggedRules = (
  action: string,
  { TagSpecifications }: { TagSpecifications?: sdk.TagSpecification[] },
  at: Ec2,
) => (TagSpecifications?.length ? [needOn(action, 'security-group-rule', '*', at)] : []);

function authorize(
  egress: boolean,
  group: Group,
  permissions: sdk.IpPermission[],
  tags: sdk.TagSpecification[] | undefined,
  at: Ec2,
) {
  const wanted = rulesIn(permissions, at);
  const existing = rulesOf(group, egress, at);
  refuseDuplicates(wanted, existing);
  refuseTooMany([...existing, ...wanted], at);
  const rules = wanted.map((one) => ({ ...one, id: at.kernel.id('sgr-', 17), groupId: group.id, egress }));
  for (const rule of rules) {
    at.state.rules.set(rule.id, rule);
    tagNew(rule.id, tags, at);
  }
  return { Return: true, SecurityGroupRules: rules.map((rule) => ruleShown(rule, at)) };
}

/** In a default VPC, rules that don't exist are handed back instead of refused. */
function revoke(egress: boolean, group: Group, input: sdk.RevokeSecurityGroupIngressRequest, at: Ec2) {
  if (input.SecurityGroupRuleIds?.length) {
    return revoked(
      input.SecurityGroupRuleIds.map((id) => ruleInGroup(id, group, egress, at)),
      [],
      at,
    );
  }
  const permissions = permissionsIn(input);
  const existing = new Map(rulesOf(group, egress, at).map((rule) => [identity(rule), rule]));
  const unknown = permissions.filter((one) => rulesIn([one], at).some((rule) => !existing.has(identity(rule))));
  if (unknown.length > 0 && !inDefaultVpc(group, at)) {
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  const found = rulesIn(permissions, at).flatMap((rule) => existing.get(identity(rule)) ?? []);
  return revoked(found, unknown, at);
}

function revoked(rules: readonly Rule[], unknown: sdk.IpPermission[], at: Ec2) {
  for (const rule of rules) {
    at.state.rules.delete(rule.id);
    at.state.tags.delete(rule.id);
  }
  return {
    Return: true,
    ...(unknown.length > 0 && { UnknownIpPermissions: unknown }),
    RevokedSecurityGroupRules: rules.map((rule) => ruleRevoked(rule, at)),
  };
}

/** A modified rule keeps its id; what the request leaves out of it, its description too, is gone. */
function modify(group: Group, updates: readonly sdk.SecurityGroupRuleUpdate[], at: Ec2): void {
  if (updates.length === 0) throw missing('SecurityGroupRules');
  const changed = updates.map((update) => {
    const old = ruleWith(update.SecurityGroupRuleId ?? '', at);
    if (old.groupId !== group.id) throw ruleNotFound(old.id);
    const [wanted] = rulesIn([permissionFor(update.SecurityGroupRule ?? {})], at);
    return { ...wanted!, id: old.id, groupId: group.id, egress: old.egress };
  });
  const ids = new Set(changed.map((rule) => rule.id));
  for (const egress of [false, true]) {
    const others = rulesOf(group, egress, at).filter((rule) => !ids.has(rule.id));
    const mine = changed.filter((rule) => rule.egress === egress);
    refuseDuplicates(mine, others);
    refuseTooMany([...others, ...mine], at);
  }
  for (const rule of changed) at.state.rules.set(rule.id, rule);
}

function describe(
  egress: boolean,
  group: Group,
  input: sdk.UpdateSecurityGroupRuleDescriptionsIngressRequest,
  at: Ec2,
) {
  const existing = new Map(rulesOf(group, egress, at).map((rule) => [identity(rule), rule]));
  const byId = (input.SecurityGroupRuleDescriptions ?? []).map(({ SecurityGroupRuleId, Description }) => ({
    rule: ruleInGroup(SecurityGroupRuleId ?? '', group, egress, at),
    description: Description,
  }));
  const byPermission = rulesIn(input.IpPermissions ?? [], at).map((wanted) => {
    const rule = existing.get(identity(wanted));
    if (!rule)
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    return { rule, description: wanted.description };
  });
  for (const { rule, description } of [...byId, ...byPermission]) {
    const { description: _old, ...rest } = rule;
    at.state.rules.set(rule.id, { ...rest, ...(description && { description: describedAs(description) }) });
  }
  return { Return: true };
}

/** The permissions of a request, which may also write a single one flat. */
function permissionsIn(input: Omit<sdk.AuthorizeSecurityGroupIngressRequest, 'TagSpecifications'>): sdk.IpPermission[] {
  if (input.IpPermissions?.length) return input.IpPermissions;
  if (input.SourceSecurityGroupName !== undefined) throw notModelled('SourceSecurityGroupName outside IpPermissions');
  if (input.CidrIp === undefined) throw missing('ipPermissions');
  const { IpProtocol, FromPort, ToPort, CidrIp } = input;
  return [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
}

function permissionFor(rule: sdk.SecurityGroupRuleRequest): sdk.IpPermission {
  const { IpProtocol, FromPort, ToPort, Description } = rule;
  const peers = [rule.CidrIpv4, rule.CidrIpv6, rule.PrefixListId, rule.ReferencedGroupId].filter(
    (peer) => peer !== undefined,
  );
  if (peers.length !== 1)
    throw invalid('Exactly one of CIDR, security group or prefix list must be specified for a rule.');
  return {
    IpProtocol,
    FromPort,
    ToPort,
    ...(rule.CidrIpv4 && { IpRanges: [{ CidrIp: rule.CidrIpv4, Description }] }),
    ...(rule.CidrIpv6 && { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6, Description }] }),
    ...(rule.PrefixListId && { PrefixListIds: [{ PrefixListId: rule.PrefixListId, Description }] }),
    ...(rule.ReferencedGroupId && { UserIdGroupPairs: [{ GroupId: rule.ReferencedGroupId, Description }] }),
  };
}

const rulesOf = (group: Group, egress: boolean, at: Ec2): Rule[] =>
  [...at.state.rules.values()].filter((rule) => rule.groupId === group.id && rule.egress === egress);

function ruleWith(id: string, at: Ec2): Rule {
  checkShape(id, 'sgr-', 'InvalidSecurityGroupRuleId.Malformed');
  const rule = at.state.rules.get(id);
  if (!rule) throw ruleNotFound(id);
  return rule;
}

function ruleInGroup(id: string, group: Group, egress: boolean, at: Ec2): Rule {
  const rule = ruleWith(id, at);
  if (rule.groupId !== group.id || rule.egress !== egress) throw ruleNotFound(id);
  return rule;
}

const ruleNotFound = (id: string): AwsError =>
  new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);

function refuseDuplicates(wanted: readonly Wanted[], existing: readonly Wanted[]): void {
  const known = new Set(existing.map(identity));
  for (const rule of wanted) {
    if (known.has(identity(rule))) {
      throw new AwsError('InvalidPermission.Duplicate', `the specified rule "${inWords(rule)}" already exists`);
    }
    known.add(identity(rule));
  }
}

function refuseTooMany(rules: readonly Wanted[], at: Ec2): void {
  if (!exceedsQuota(rules, at)) return;
  throw new AwsError(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );
}

/**
 * True when rules of one group and direction are more than the quota, which counts IPv4 and IPv6 apart.
 * @param list a prefix list as it would be
 */
export function exceedsQuota(rules: readonly Wanted[], at: Ec2, list?: PrefixList): boolean {
  const most = quotaIn(at.kernel, at, 'vpc/L-0EA8095F');
  return (['IPv4', 'IPv6'] as const).some(
    (family) => rules.reduce((sum, rule) => sum + weight(rule.peer, family, at, list), 0) > most,
  );
}

/** A prefix list weighs its maximum number of entries; a group counts in both families. */
function weight(peer: Peer, family: 'IPv4' | 'IPv6', at: Ec2, changed?: PrefixList): number {
  if (peer.kind === 'group') return 1;
  if (peer.kind === 'prefixList') {
    const list = changed?.id === peer.id ? changed : listNamed(peer.id, at);
    return list?.family === family ? list.maxEntries : 0;
  }
  return peer.kind === family.toLowerCase() ? 1 : 0;
}
