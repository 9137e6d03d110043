/** Rules of a security group as states hold them: without the ids that AWS makes up, each with one peer. */
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
import { canonical } from '../../domain/same.ts';

/** EC2 shows the numbers 1, 6, 17 and 58 by their names; protocols without ports have them from -1 to -1. */
const Traffic = z.strictObject({
  protocol: z.string(),
  from: z.int(),
  to: z.int(),
  description: z.string().optional(),
});

/** A rule whose peer is a range of addresses. */
export const CidrRule = Traffic.extend({ cidr: z.string() });
export type CidrRule = z.infer<typeof CidrRule>;

/** A rule whatever its peer: addresses, a prefix list or a security group of this or another account. */
export const Rule = z.union([
  CidrRule,
  Traffic.extend({ prefixList: z.string() }),
  Traffic.extend({ group: z.string(), account: z.string().optional() }),
]);
export type Rule = z.infer<typeof Rule>;

const DIRECTIONS = ['inbound', 'outbound'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Rules by direction; a direction that is left out is not looked at. */
export type Rules = Partial<Readonly<Record<Direction, readonly Rule[]>>>;

export const ALL_TRAFFIC = '-1';

/** All rules of a group in both directions; none when the group is gone, for which EC2 has no error here. */
export async function rulesOf(ec2: EC2Client, groupId: string): Promise<Record<Direction, Rule[]>> {
  const rules: Record<Direction, Rule[]> = { inbound: [], outbound: [] };
  const filter = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
  for await (const page of paginateDescribeSecurityGroupRules({ client: ec2 }, filter))
    for (const rule of page.SecurityGroupRules ?? []) rules[rule.IsEgress ? 'outbound' : 'inbound'].push(toRule(rule));
  return rules;
}

/**
 * Makes the group's rules go from one set to the other. Adds before it removes, so that no port which stays open is
 * shut in between. Bears repetition: what another run added or removed already is passed over rule by rule.
 */
export async function changeRules(ec2: EC2Client, groupId: string, from: Rules, to: Rules): Promise<void> {
  const input = (rules: readonly Rule[]) => ({ GroupId: groupId, IpPermissions: rules.map(toPermission) });
  for (const { direction, removed, added } of changes(from, to)) {
    const { authorize, revoke } = CALLS[direction];
    await allOrOneByOne(added, (rules) => authorize(ec2, input(rules)), 'InvalidPermission.Duplicate');
    await allOrOneByOne(removed, (rules) => revoke(ec2, input(rules)), 'InvalidPermission.NotFound');
  }
}

/** What has to be removed and added in each direction. */
export const changes = (from: Rules, to: Rules) =>
  DIRECTIONS.map((direction) => {
    const [old = [], wanted = []] = [from[direction], to[direction]];
    return { direction, removed: minus(old, wanted), added: minus(wanted, old) };
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

export function minus<R extends Rule>(a: readonly R[], b: readonly Rule[]): R[] {
  const known = new Set(b.map(trafficOf));
  return a.filter((rule) => !known.has(trafficOf(rule)));
}

/** One rule for the same traffic; of several the last, with its description. */
export const distinct = <R extends Rule>(rules: readonly R[]): R[] => [
  ...new Map(rules.map((rule) => [trafficOf(rule), rule])).values(),
];

/** What makes two rules the same to EC2, which takes no second one that differs by its description alone. */
const trafficOf = (rule: Rule): string => canonical({ ...rule, description: undefined });

/** EC2 refuses a whole call for one rule that is there (or gone) already: then each is sent alone. */
async function allOrOneByOne(
  rules: readonly Rule[],
  send: (rules: readonly Rule[]) => Promise<unknown>,
  known: string,
): Promise<void> {
  if (rules.length === 0) return;
  try {
    await send(rules);
  } catch (error) {
    if (!isNamed(error, known)) throw error;
    if (rules.length === 1) return;
    for (const rule of rules) await allOrOneByOne([rule], send, known);
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
