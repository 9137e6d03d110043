/** A request authorizes all its rules or none, and revokes rules by id or by content. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { quotaValue } from '../servicequotas/state.ts';
import { ec2Need, securityGroupNeed } from './needs.ts';
import {
  checkRuleDescription,
  describeRevokedRule,
  describeRule,
  type NewRule,
  parsePermissions,
  ruleIdentity,
  securityGroupRuleText,
} from './permissions.ts';
import {
  applyFilters,
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Page,
  ec2Read,
  invalidEc2Parameter,
  missingEc2Parameter,
} from './requests.ts';
import { existingSecurityGroup, isInDefaultVpc, securityGroupIdIn } from './security-groups.ts';
import { findPrefixList } from './shared-lists.ts';
import type { Ec2At, ManagedPrefixList, RuleDirection, RulePeer, SecurityGroup, SecurityGroupRule } from './state.ts';
import { tagNewResource } from './tags.ts';

const SINGLE_RULE_MEMBERS = [
  'CidrIp',
  'FromPort',
  'ToPort',
  'IpProtocol',
  'SourceSecurityGroupName',
  'SourceSecurityGroupOwnerId',
] as const;

const DIRECTIONS: readonly RuleDirection[] = ['ingress', 'egress'];

export const securityGroupRuleOperations: Ec2Operations = {
  AuthorizeSecurityGroupIngress: ec2Change(
    'AuthorizeSecurityGroupIngress',
    ['GroupId', 'GroupName', 'IpPermissions', 'TagSpecifications', ...SINGLE_RULE_MEMBERS],
    (input, at) => [
      securityGroupNeed('AuthorizeSecurityGroupIngress', securityGroupIdIn(input, at), at),
      ...taggedRuleNeeds('AuthorizeSecurityGroupIngress', input, at),
    ],
    (input, at) =>
      authorizeRules('ingress', existingSecurityGroup(input, at), permissionsOf(input), input.TagSpecifications, at),
  ),
  AuthorizeSecurityGroupEgress: ec2Change(
    'AuthorizeSecurityGroupEgress',
    ['GroupId', 'IpPermissions', 'TagSpecifications'],
    (input, at) => [
      securityGroupNeed('AuthorizeSecurityGroupEgress', input.GroupId ?? '*', at),
      ...taggedRuleNeeds('AuthorizeSecurityGroupEgress', input, at),
    ],
    (input, at) =>
      authorizeRules('egress', existingSecurityGroup(input, at), permissionsOf(input), input.TagSpecifications, at),
  ),
  RevokeSecurityGroupIngress: ec2Change(
    'RevokeSecurityGroupIngress',
    ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleIds', ...SINGLE_RULE_MEMBERS],
    (input, at) => [securityGroupNeed('RevokeSecurityGroupIngress', securityGroupIdIn(input, at), at)],
    (input, at) => revokeRules('ingress', existingSecurityGroup(input, at), input, at),
  ),
  RevokeSecurityGroupEgress: ec2Change(
    'RevokeSecurityGroupEgress',
    ['GroupId', 'IpPermissions', 'SecurityGroupRuleIds'],
    (input, at) => [securityGroupNeed('RevokeSecurityGroupEgress', input.GroupId ?? '*', at)],
    (input, at) => revokeRules('egress', existingSecurityGroup(input, at), input, at),
  ),
  ModifySecurityGroupRules: ec2Change(
    'ModifySecurityGroupRules',
    ['GroupId', 'SecurityGroupRules'],
    (input, at) => [
      securityGroupNeed('ModifySecurityGroupRules', input.GroupId ?? '*', at),
      ...(input.SecurityGroupRules ?? []).flatMap((update) => [
        ec2Need('ModifySecurityGroupRules', 'security-group-rule', update.SecurityGroupRuleId ?? '*', at),
        ...[update.SecurityGroupRule?.PrefixListId ?? []]
          .flat()
          .map((id) => ec2Need('ModifySecurityGroupRules', 'prefix-list', id, at)),
      ]),
    ],
    (input, at) => {
      modifyRules(existingSecurityGroup(input, at), input.SecurityGroupRules ?? [], at);
      return { Return: true };
    },
  ),
  UpdateSecurityGroupRuleDescriptionsIngress: ec2Change(
    'UpdateSecurityGroupRuleDescriptionsIngress',
    ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'],
    (input, at) => [securityGroupNeed('UpdateSecurityGroupRuleDescriptionsIngress', securityGroupIdIn(input, at), at)],
    (input, at) => updateDescriptions('ingress', existingSecurityGroup(input, at), input, at),
  ),
  UpdateSecurityGroupRuleDescriptionsEgress: ec2Change(
    'UpdateSecurityGroupRuleDescriptionsEgress',
    ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'],
    (input, at) => [securityGroupNeed('UpdateSecurityGroupRuleDescriptionsEgress', securityGroupIdIn(input, at), at)],
    (input, at) => updateDescriptions('egress', existingSecurityGroup(input, at), input, at),
  ),
  DescribeSecurityGroupRules: ec2Read(
    'DescribeSecurityGroupRules',
    ['Filters', 'SecurityGroupRuleIds', 'MaxResults', 'NextToken'],
    (input, at) => {
      // DescribeSecurityGroups, in contrast, finds nothing by such a filter.
      for (const { Name, Values = [] } of input.Filters ?? [])
        if (Name === 'group-id') for (const id of Values) checkIdForm(id, 'sg-');
      const rules = input.SecurityGroupRuleIds?.length
        ? input.SecurityGroupRuleIds.map((id) => existingRuleById(id, at))
        : at.state.rules.values();
      const matching = applyFilters(
        rules,
        input.Filters,
        { 'group-id': (rule) => rule.groupId, 'security-group-rule-id': (rule) => rule.id },
        at,
      );
      const page = ec2Page(matching, input);
      return { SecurityGroupRules: page.items.map((rule) => describeRule(rule, at)), NextToken: page.nextToken };
    },
  ),
};

/** New rules are resources of the call only if it tags them. */
const taggedRuleNeeds = (
  action: string,
  { TagSpecifications }: { TagSpecifications?: sdk.TagSpecification[] },
  at: Ec2At,
) => (TagSpecifications?.length ? [ec2Need(action, 'security-group-rule', '*', at)] : []);

function authorizeRules(
  direction: RuleDirection,
  group: SecurityGroup,
  permissions: sdk.IpPermission[],
  tags: sdk.TagSpecification[] | undefined,
  at: Ec2At,
) {
  const newRules = parsePermissions(permissions, at);
  const existing = rulesOf(group, direction, at);
  checkDuplicates(newRules, existing);
  checkRuleQuota([...existing, ...newRules], at);
  const rules = newRules.map((rule) => ({ ...rule, id: at.kernel.id('sgr-', 17), groupId: group.id, direction }));
  for (const rule of rules) {
    at.state.rules.set(rule.id, rule);
    tagNewResource(rule.id, tags, at);
  }
  return { Return: true, SecurityGroupRules: rules.map((rule) => describeRule(rule, at)) };
}

/** In a default VPC, the response lists unknown rules; elsewhere they are an error. */
function revokeRules(
  direction: RuleDirection,
  group: SecurityGroup,
  input: sdk.RevokeSecurityGroupIngressRequest,
  at: Ec2At,
) {
  if (input.SecurityGroupRuleIds?.length)
    return deleteRules(
      input.SecurityGroupRuleIds.map((id) => ruleInGroup(id, group, direction, at)),
      [],
      at,
    );
  const permissions = permissionsOf(input);
  const existing = new Map(rulesOf(group, direction, at).map((rule) => [ruleIdentity(rule), rule]));
  const unknown = permissions.filter((permission) =>
    parsePermissions([permission], at).some((rule) => !existing.has(ruleIdentity(rule))),
  );
  if (unknown.length > 0 && !isInDefaultVpc(group, at))
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  const matching = parsePermissions(permissions, at).flatMap((rule) => existing.get(ruleIdentity(rule)) ?? []);
  return deleteRules(matching, unknown, at);
}

function deleteRules(rules: readonly SecurityGroupRule[], unknown: sdk.IpPermission[], at: Ec2At) {
  for (const rule of rules) {
    at.state.rules.delete(rule.id);
    at.state.tags.delete(rule.id);
  }
  return {
    Return: true,
    ...(unknown.length > 0 && { UnknownIpPermissions: unknown }),
    RevokedSecurityGroupRules: rules.map((rule) => describeRevokedRule(rule, at)),
  };
}

/** Replaced rules keep their ids. Members that the request omits, such as the description, are removed. */
function modifyRules(group: SecurityGroup, updates: readonly sdk.SecurityGroupRuleUpdate[], at: Ec2At): void {
  if (updates.length === 0) throw missingEc2Parameter('SecurityGroupRules');
  const changedRules = updates.map((update) => {
    const old = existingRuleById(update.SecurityGroupRuleId ?? '', at);
    if (old.groupId !== group.id) throw ruleNotFound(old.id);
    const [newRule] = parsePermissions([permissionOf(update.SecurityGroupRule ?? {})], at);
    return { ...newRule!, id: old.id, groupId: group.id, direction: old.direction };
  });
  const ids = new Set(changedRules.map((rule) => rule.id));
  for (const direction of DIRECTIONS) {
    const others = rulesOf(group, direction, at).filter((rule) => !ids.has(rule.id));
    const updated = changedRules.filter((rule) => rule.direction === direction);
    checkDuplicates(updated, others);
    checkRuleQuota([...others, ...updated], at);
  }
  for (const rule of changedRules) at.state.rules.set(rule.id, rule);
}

function updateDescriptions(
  direction: RuleDirection,
  group: SecurityGroup,
  input: sdk.UpdateSecurityGroupRuleDescriptionsIngressRequest,
  at: Ec2At,
) {
  const existing = new Map(rulesOf(group, direction, at).map((rule) => [ruleIdentity(rule), rule]));
  const byId = (input.SecurityGroupRuleDescriptions ?? []).map(({ SecurityGroupRuleId, Description }) => ({
    rule: ruleInGroup(SecurityGroupRuleId ?? '', group, direction, at),
    description: Description,
  }));
  const byPermission = parsePermissions(input.IpPermissions ?? [], at).map((newRule) => {
    const rule = existing.get(ruleIdentity(newRule));
    if (!rule)
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    return { rule, description: newRule.description };
  });
  for (const { rule, description } of [...byId, ...byPermission]) {
    const { description: _old, ...rest } = rule;
    at.state.rules.set(rule.id, { ...rest, ...(description && { description: checkRuleDescription(description) }) });
  }
  return { Return: true };
}

/** A request can also have the members of a single permission at its top level. */
function permissionsOf(input: Omit<sdk.AuthorizeSecurityGroupIngressRequest, 'TagSpecifications'>): sdk.IpPermission[] {
  if (input.IpPermissions?.length) return input.IpPermissions;
  if (input.SourceSecurityGroupName !== undefined) throw notModelled('SourceSecurityGroupName outside IpPermissions');
  if (input.CidrIp === undefined) throw missingEc2Parameter('ipPermissions');
  const { IpProtocol, FromPort, ToPort, CidrIp } = input;
  return [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
}

function permissionOf(rule: sdk.SecurityGroupRuleRequest): sdk.IpPermission {
  const { IpProtocol, FromPort, ToPort, Description } = rule;
  const peers = [rule.CidrIpv4, rule.CidrIpv6, rule.PrefixListId, rule.ReferencedGroupId].filter(
    (peer) => peer !== undefined,
  );
  if (peers.length !== 1)
    throw invalidEc2Parameter('Exactly one of CIDR, security group or prefix list must be specified for a rule.');
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

const rulesOf = (group: SecurityGroup, direction: RuleDirection, at: Ec2At): SecurityGroupRule[] =>
  [...at.state.rules.values()].filter((rule) => rule.groupId === group.id && rule.direction === direction);

function existingRuleById(id: string, at: Ec2At): SecurityGroupRule {
  checkIdForm(id, 'sgr-');
  const rule = at.state.rules.get(id);
  if (!rule) throw ruleNotFound(id);
  return rule;
}

function ruleInGroup(id: string, group: SecurityGroup, direction: RuleDirection, at: Ec2At): SecurityGroupRule {
  const rule = existingRuleById(id, at);
  if (rule.groupId !== group.id || rule.direction !== direction) throw ruleNotFound(id);
  return rule;
}

const ruleNotFound = (id: string): AwsError =>
  new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);

function checkDuplicates(newRules: readonly NewRule[], existing: readonly NewRule[]): void {
  const known = new Set(existing.map(ruleIdentity));
  for (const rule of newRules) {
    if (known.has(ruleIdentity(rule)))
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "${securityGroupRuleText(rule)}" already exists`,
      );
    known.add(ruleIdentity(rule));
  }
}

function checkRuleQuota(rules: readonly NewRule[], at: Ec2At): void {
  if (!exceedsRuleQuota(rules, at)) return;
  throw new AwsError(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );
}

/**
 * The quota applies to one group and direction, and counts IPv4 and IPv6 separately.
 * @param list a prefix list after a change, instead of the stored one
 */
export function exceedsRuleQuota(rules: readonly NewRule[], at: Ec2At, list?: ManagedPrefixList): boolean {
  const limit = quotaValue(at.kernel, at, 'vpc/L-0EA8095F');
  return (['IPv4', 'IPv6'] as const).some(
    (family) => rules.reduce((sum, rule) => sum + quotaWeight(rule.peer, family, at, list), 0) > limit,
  );
}

/** A prefix list weighs its maximum number of entries; a group counts in both families. */
function quotaWeight(peer: RulePeer, family: 'IPv4' | 'IPv6', at: Ec2At, changedList?: ManagedPrefixList): number {
  if (peer.kind === 'group') return 1;
  if (peer.kind === 'prefixList') {
    const list = changedList?.id === peer.id ? changedList : findPrefixList(peer.id, at);
    return list?.family === family ? list.maxEntries : 0;
  }
  return peer.kind === family.toLowerCase() ? 1 : 0;
}
