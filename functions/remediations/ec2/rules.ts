/** Inbound rules of a security group as states hold them: without the ids that AWS makes up, one rule a source. */
import {
  AuthorizeSecurityGroupIngressCommand,
  type EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroupRules,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';
import { canonical } from '../../contract/same.ts';

export const Rule = z.strictObject({
  protocol: z.string(),
  from: z.int(),
  to: z.int(),
  cidr: z.string(),
  description: z.string().optional(),
});
export type Rule = z.infer<typeof Rule>;

export const ALL_TRAFFIC = '-1';
const PUBLIC = ['0.0.0.0/0', '::/0'];

/** The group's inbound rules that are open to everybody; undefined when the group is gone. */
export async function publicRules(ec2: EC2Client, groupId: string): Promise<Rule[] | undefined> {
  const rules: Rule[] = [];
  try {
    const filter = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
    for await (const page of paginateDescribeSecurityGroupRules({ client: ec2 }, filter))
      for (const rule of page.SecurityGroupRules ?? []) if (isPublicInbound(rule)) rules.push(toRule(rule));
  } catch (error) {
    if (isNamed(error, 'InvalidGroup.NotFound')) return undefined;
    throw error;
  }
  return rules;
}

/**
 * Makes the group's rules go from one set to the other. Adds before it removes, so that no port which stays open is shut in
 * between. Bears repetition: what another run added or removed already is passed over rule by rule.
 */
export async function changeRules(
  ec2: EC2Client,
  groupId: string,
  from: readonly Rule[],
  to: readonly Rule[],
): Promise<void> {
  const added = minus(to, from);
  const removed = minus(from, to);
  const authorize = (rules: readonly Rule[]) =>
    ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: rules.map(toPermission) }));
  const revoke = (rules: readonly Rule[]) =>
    ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: rules.map(toPermission) }));
  await allOrOneByOne(added, authorize, 'InvalidPermission.Duplicate');
  await allOrOneByOne(removed, revoke, 'InvalidPermission.NotFound');
}

export const minus = (a: readonly Rule[], b: readonly Rule[]): Rule[] => {
  const known = new Set(b.map(canonical));
  return a.filter((rule) => !known.has(canonical(rule)));
};

/** What is left of a rule without this TCP port: the ranges below and above. All traffic cannot be narrowed: nothing is left. */
export function withoutPort(rule: Rule, port: number): Rule[] {
  if (rule.protocol === ALL_TRAFFIC) return [];
  if (rule.protocol !== 'tcp' || port < rule.from || rule.to < port) return [rule];
  return [
    { ...rule, to: port - 1 },
    { ...rule, from: port + 1 },
  ].filter(({ from, to }) => from <= to);
}

/** A rule as a person writes it. */
export const inWords = ({ protocol, from, to, cidr }: Rule): string =>
  protocol === ALL_TRAFFIC
    ? `all traffic from ${cidr}`
    : `${protocol} ${from === to ? from : `${from}-${to}`} from ${cidr}`;

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

const isPublicInbound = ({ IsEgress, CidrIpv4, CidrIpv6 }: SecurityGroupRule) =>
  !IsEgress && PUBLIC.includes(CidrIpv4 ?? CidrIpv6 ?? '');

const toRule = ({ IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, Description }: SecurityGroupRule): Rule => ({
  protocol: IpProtocol!,
  from: FromPort ?? -1,
  to: ToPort ?? -1,
  cidr: CidrIpv4 ?? CidrIpv6!,
  ...(Description && { description: Description }),
});

function toPermission({ protocol, from, to, cidr, description: Description }: Rule): IpPermission {
  const ports = protocol === ALL_TRAFFIC ? {} : { FromPort: from, ToPort: to };
  const source = cidr.includes(':')
    ? { Ipv6Ranges: [{ CidrIpv6: cidr, Description }] }
    : { IpRanges: [{ CidrIp: cidr, Description }] };
  return { IpProtocol: protocol, ...ports, ...source };
}
