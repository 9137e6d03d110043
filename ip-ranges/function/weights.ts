/** Counts for how many rules of its group a rule counts. */
import { type EC2Client, paginateDescribeManagedPrefixLists, type SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { Family } from '../planning/cidr.ts';

export type ListWeight = { readonly family: Family; readonly entries: number };

/** AWS does not say how many entries its own lists can hold, but in its documentation, with `region` for the Region's name: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
const AWS_LISTS: Readonly<Record<string, number>> = {
  'global.cloudfront.origin-facing': 55,
  'global.ipv6.cloudfront.origin-facing': 55,
  'global.groundstation': 5,
  'region.dynamodb': 1,
  'region.ec2-instance-connect': 2,
  'region.ipv6.ec2-instance-connect': 2,
  'region.route53-healthchecks': 25,
  'region.ipv6.route53-healthchecks': 25,
  'region.s3': 1,
  'region.s3express': 6,
  'region.secretsmanager-managed-external-secrets': 20,
  'region.vpc-lattice': 10,
  'region.ipv6.vpc-lattice': 10,
};
const awsWeight = (name: string): number | undefined =>
  AWS_LISTS[name.replace(/^com\.amazonaws\./, '').replace(/^[a-z]{2}(-[a-z]+)+-\d\./, 'region.')];

/** Returns the weights of the prefix lists that rules name: a list counts for as many rules as it can hold entries. */
export async function listWeights(
  rules: readonly SecurityGroupRule[],
  client: EC2Client,
): Promise<ReadonlyMap<string, ListWeight>> {
  const PrefixListIds = [...new Set(rules.flatMap(({ PrefixListId }) => PrefixListId ?? []))];
  const weights = new Map<string, ListWeight>();
  if (PrefixListIds.length === 0) return weights;
  for await (const { PrefixLists = [] } of paginateDescribeManagedPrefixLists({ client }, { PrefixListIds }))
    for (const { PrefixListId, PrefixListName = '', MaxEntries, AddressFamily } of PrefixLists)
      weights.set(PrefixListId!, {
        family: AddressFamily === 'IPv6' ? 'IPv6' : 'IPv4',
        entries: MaxEntries ?? awsWeight(PrefixListName) ?? 1,
      });
  return weights;
}

/** A rule that names a group counts in both families. */
export function weightOf(rule: SecurityGroupRule, family: Family, weights: ReadonlyMap<string, ListWeight>): number {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  const weight = weights.get(PrefixListId ?? '');
  if (weight) return weight.family === family ? weight.entries : 0;
  return Number(Boolean(ReferencedGroupInfo ?? (family === 'IPv4' ? CidrIpv4 : CidrIpv6)));
}
