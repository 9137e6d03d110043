/** Rules of a security group as a state has them: each with one peer, and without the ids that AWS generates. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  type EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroupRules,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';
import { canonical } from '../../contract/is-equal.ts';
import { type Refusal, refused } from '../../contract/remediation.ts';

/** EC2 returns the protocols 1, 6, 17 and 58 by name. Protocols without ports have the range -1 to -1. */
const Traffic = z.strictObject({
  protocol: z.string(),
  from: z.int(),
  to: z.int(),
  description: z.string().optional(),
});

export const CidrRule = Traffic.extend({ cidr: z.string() });
export type CidrRule = z.infer<typeof CidrRule>;

/** The peer is a range of addresses, a prefix list, or a security group of this or another account. */
export const Rule = z.union([
  CidrRule,
  Traffic.extend({ prefixList: z.string() }),
  Traffic.extend({ group: z.string(), account: z.string().optional() }),
]);
export type Rule = z.infer<typeof Rule>;

const DIRECTIONS = ['inbound', 'outbound'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Rules by direction. An absent direction is neither read nor changed. */
export type Rules = Partial<Readonly<Record<Direction, readonly Rule[]>>>;

export const ALL_TRAFFIC = '-1';

/** Reads all rules of a group. Returns empty lists if the group is gone, because EC2 does not report that here. */
export async function readRules(ec2: EC2Client, groupId: string): Promise<Record<Direction, Rule[]>> {
  const rules: Record<Direction, Rule[]> = { inbound: [], outbound: [] };
  const filter = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
  for await (const page of paginateDescribeSecurityGroupRules({ client: ec2 }, filter))
    for (const rule of page.SecurityGroupRules ?? []) rules[rule.IsEgress ? 'outbound' : 'inbound'].push(toRule(rule));
  return rules;
}

/**
 * Changes the group's rules from one set to the other. First removes rules that nothing replaces. Then adds the new
 * ones before it removes those that they replace, so that no port that stays open is closed in between. Idempotent:
 * skips rules that another run has added or removed already. Returns a refusal if the group has no room for the new
 * rules.
 * @param count the number of inbound rules that the group has, where it is known
 */
export async function changeRules(
  ec2: EC2Client,
  groupId: string,
  from: Rules,
  to: Rules,
  count?: number,
): Promise<Refusal | undefined> {
  const input = (rules: readonly Rule[]) => ({ GroupId: groupId, IpPermissions: rules.map(toPermission) });
  for (const { direction, removed, added } of ruleChanges(from, to)) {
    const { authorize, revoke } = CALLS[direction];
    const remove = (rules: readonly Rule[]) =>
      allOrOneByOne(rules, (some) => revoke(ec2, input(some)), 'InvalidPermission.NotFound');
    const isReplaced = (rule: Rule) => added.some((part) => overlap(part, rule));
    await remove(removed.filter((rule) => !isReplaced(rule)));
    try {
      await allOrOneByOne(added, (rules) => authorize(ec2, input(rules)), 'InvalidPermission.Duplicate');
    } catch (error) {
      if (!isNamed(error, 'RulesPerSecurityGroupLimitExceeded')) throw error;
      return noRoom(added.length, count);
    }
    await remove(removed.filter(isReplaced));
  }
  return undefined;
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups */
const noRoom = (needed: number, count: number | undefined): Refusal =>
  refused(
    `the group${count === undefined ? '' : `, which had ${count} inbound rules,`} has no room for the ${needed} rules that ` +
      'would replace open ones: that exceeds the quota of rules per security group (L-0EA8095F, 60 by default). Remove ' +
      'rules that nobody needs, or raise the quota',
  );

/** Whether two rules of the same peer have traffic in common. */
const overlap = (one: Rule, other: Rule): boolean =>
  peerName(one) === peerName(other) &&
  (one.protocol === ALL_TRAFFIC ||
    other.protocol === ALL_TRAFFIC ||
    (one.protocol === other.protocol && one.from <= other.to && other.from <= one.to));

const peerName = (rule: Rule): string => canonical({ ...rule, protocol: '', from: 0, to: 0, description: undefined });

/** Returns the rules to remove and to add in each direction. */
export const ruleChanges = (from: Rules, to: Rules) =>
  DIRECTIONS.map((direction) => {
    const [old = [], wanted = []] = [from[direction], to[direction]];
    return { direction, removed: subtractRules(old, wanted), added: subtractRules(wanted, old) };
  });

type Input = { GroupId: string; IpPermissions: IpPermission[] };
const CALLS = {
  inbound: {
    authorize: (ec2: EC2Client, input: Input) => ec2.send(new AuthorizeSecurityGroupIngressCommand(input)),
    revoke: (ec2: EC2Client, input: Input) => ec2.send(new RevokeSecurityGroupIngressCommand(input)),
  },
  outbound: {
    authorize: (ec2: EC2Client, input: Input) => ec2.send(new AuthorizeSecurityGroupEgressCommand(input)),
    revoke: (ec2: EC2Client, input: Input) => ec2.send(new RevokeSecurityGroupEgressCommand(input)),
  },
};

export function subtractRules<R extends Rule>(a: readonly R[], b: readonly Rule[]): R[] {
  const known = new Set(b.map(trafficOf));
  return a.filter((rule) => !known.has(trafficOf(rule)));
}

/** Keeps one rule for the same traffic: the last one, with its description. */
export const distinctRules = <R extends Rule>(rules: readonly R[]): R[] => [
  ...new Map(rules.map((rule) => [trafficOf(rule), rule])).values(),
];

/** EC2 compares rules by their traffic and peer: it rejects a second rule that differs only in its description. */
const trafficOf = (rule: Rule): string => canonical({ ...rule, description: undefined });

/** EC2 rejects the whole call if one rule exists (or is gone) already. Then each rule is sent in a call of its own. */
async function allOrOneByOne(
  rules: readonly Rule[],
  send: (rules: readonly Rule[]) => Promise<unknown>,
  skippedError: string,
): Promise<void> {
  if (rules.length === 0) return;
  try {
    await send(rules);
  } catch (error) {
    if (!isNamed(error, skippedError)) throw error;
    if (rules.length === 1) return;
    for (const rule of rules) await allOrOneByOne([rule], send, skippedError);
  }
}

function toRule(rule: SecurityGroupRule): Rule {
  const { IpProtocol, FromPort, ToPort, Description, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  const traffic = {
    protocol: IpProtocol!,
    from: FromPort ?? -1,
    to: ToPort ?? -1,
    ...(Description && { description: Description }),
  };
  if (PrefixListId) return { ...traffic, prefixList: PrefixListId };
  const { GroupId, UserId } = ReferencedGroupInfo ?? {};
  return GroupId ? { ...traffic, group: GroupId, account: UserId } : { ...traffic, cidr: (CidrIpv4 ?? CidrIpv6)! };
}

function toPermission(rule: Rule): IpPermission {
  const { protocol, from, to, description: Description } = rule;
  const ports = ['tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol) ? { FromPort: from, ToPort: to } : {};
  return { IpProtocol: protocol, ...ports, ...peerOf(rule, Description) };
}

function peerOf(rule: Rule, Description: string | undefined): IpPermission {
  if ('prefixList' in rule) return { PrefixListIds: [{ PrefixListId: rule.prefixList, Description }] };
  if ('group' in rule) return { UserIdGroupPairs: [{ GroupId: rule.group, UserId: rule.account, Description }] };
  if (rule.cidr.includes(':')) return { Ipv6Ranges: [{ CidrIpv6: rule.cidr, Description }] };
  return { IpRanges: [{ CidrIp: rule.cidr, Description }] };
}
