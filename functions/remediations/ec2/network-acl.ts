/** A network ACL: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAcl.html */
import {
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  type EC2Client,
  type NetworkAcl,
  ReplaceNetworkAclEntryCommand,
} from '@aws-sdk/client-ec2';
import { errorClause, isNamed } from '../../contract/errors.ts';
import { isEqual } from '../../contract/is-equal.ts';
import { arn, type Refusal, refused } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { type AclEntry, MAX_RULE } from './acl-entries.ts';

export const ACL_ARN = 'arn:{partition}:ec2:{region}:{account}:network-acl/{acl}';
export const networkAcl = arn('AwsEc2NetworkAcl', ACL_ARN, { acl: /acl-(?:[0-9a-f]{8}|[0-9a-f]{17})/ });

type AclContext = { readonly ec2: EC2Client; readonly target: { readonly acl: string } };

export async function findAcl({ ec2, target }: AclContext): Promise<NetworkAcl | undefined> {
  const answer = ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [target.acl] }));
  return (await orUndefined(answer, 'InvalidNetworkAclID.NotFound'))?.NetworkAcls?.[0];
}

/** Returns the inbound entries that can be changed. */
export const inboundEntries = ({ Entries = [] }: NetworkAcl): AclEntry[] =>
  Entries.filter(({ Egress, RuleNumber }) => !Egress && RuleNumber! <= MAX_RULE)
    .map(({ RuleNumber, RuleAction, Protocol, CidrBlock, Ipv6CidrBlock, PortRange, IcmpTypeCode }) => ({
      ...{ rule: RuleNumber!, action: RuleAction!, protocol: Protocol!, cidr: (CidrBlock ?? Ipv6CidrBlock)! },
      ...(PortRange && { ports: { from: PortRange.From!, to: PortRange.To! } }),
      ...(IcmpTypeCode && { icmp: { type: IcmpTypeCode.Type!, code: IcmpTypeCode.Code! } }),
    }))
    .sort((a, b) => a.rule - b.rule);

const inputOf = ({ target }: AclContext, { rule, action, protocol, cidr, ports, icmp }: AclEntry) => ({
  NetworkAclId: target.acl,
  Egress: false,
  RuleNumber: rule,
  RuleAction: action,
  Protocol: protocol,
  ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
  ...(ports && { PortRange: { From: ports.from, To: ports.to } }),
  ...(icmp && { IcmpTypeCode: { Type: icmp.type, Code: icmp.code } }),
});

/** Adds entries before it narrows or removes others, so that traffic that stays allowed is never cut. */
export async function writeEntries(
  context: AclContext,
  from: readonly AclEntry[],
  to: readonly AclEntry[],
): Promise<Refusal | undefined> {
  const { ec2 } = context;
  const at = (entries: readonly AclEntry[], rule: number) => entries.find((each) => each.rule === rule);
  const refusal = await addEntries(
    context,
    to.filter(({ rule }) => !at(from, rule)),
  );
  if (refusal) return refusal;
  for (const entry of to) {
    const old = at(from, entry.rule);
    if (old && !isEqual(old, entry)) await ec2.send(new ReplaceNetworkAclEntryCommand(inputOf(context, entry)));
  }
  for (const entry of from) if (!at(to, entry.rule)) await removeEntry(context, entry);
  return undefined;
}

async function addEntries(context: AclContext, entries: readonly AclEntry[]): Promise<Refusal | undefined> {
  for (const [n, entry] of entries.entries())
    try {
      await context.ec2.send(new CreateNetworkAclEntryCommand(inputOf(context, entry)));
    } catch (error) {
      if (isNamed(error, 'NetworkAclEntryAlreadyExists')) {
        await context.ec2.send(new ReplaceNetworkAclEntryCommand(inputOf(context, entry)));
        continue;
      }
      if (!isNamed(error, 'NetworkAclEntryLimitExceeded')) throw error;
      for (const added of entries.slice(0, n)) await removeEntry(context, added);
      return refused(`the ACL has no room for the ${entries.length} entries of the split: ${errorClause(error)}`);
    }
  return undefined;
}

const removeEntry = ({ ec2, target }: AclContext, { rule }: AclEntry) =>
  orUndefined(
    ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: target.acl, Egress: false, RuleNumber: rule })),
    'InvalidNetworkAclEntry.NotFound',
  );

const PROTOCOLS: Readonly<Record<string, string>> = { '-1': 'all protocols', '1': 'ICMP', '6': 'TCP', '17': 'UDP' };

/** For example `100 allow TCP 0-1024 from 0.0.0.0/0`. */
export const entryText = ({ rule, action, protocol, cidr, ports }: AclEntry): string =>
  `${rule} ${action} ${PROTOCOLS[protocol] ?? `protocol ${protocol}`}${ports ? ` ${ports.from}-${ports.to}` : ''} from ${cidr}`;
