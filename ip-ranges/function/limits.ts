/** How many rules a group takes, how many groups an interface takes, and for how many rules a rule counts. */
import { type EC2Client, paginateDescribeManagedPrefixLists, type SecurityGroupRule } from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { isNamed } from '../../functions/contract/errors.ts';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, QUOTA_CODES } from '../contract/targets.ts';
import type { Family } from '../planning/cidr.ts';
import {
  countOf,
  type GroupLimits,
  type GroupState,
  type GroupStep,
  perFamily,
  type RangeGroup,
} from '../planning/state.ts';
import { itemsOf } from './pages.ts';

export function limitSource(target: IpRangesTarget, client: ServiceQuotasClient) {
  const quota = async (QuotaCode: string): Promise<number> => {
    const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode }));
    if (Quota?.Value) return Quota.Value;
    const what = `Service Quotas has no value for vpc/${QuotaCode} of ${target.key}`;
    throw new IpRangesError('TargetBlocked', `${what}: configure it as a number.`);
  };
  const rulesQuota = () => quota(QUOTA_CODES.rulesPerGroup);
  const groupsQuota = () => quota(QUOTA_CODES.groupsPerInterface);
  const quotas = async (): Promise<GroupLimits> => ({ rules: await rulesQuota(), groups: await groupsQuota() });
  const { rulesPerGroup, groupsPerInterface } = target;
  let known: GroupLimits | undefined;
  const read = async (): Promise<GroupLimits> => {
    known ??= {
      rules: rulesPerGroup === 'quota' ? await rulesQuota() : rulesPerGroup,
      groups: groupsPerInterface === 'quota' ? await groupsQuota() : groupsPerInterface,
    };
    return known;
  };
  /** Lowers the limits to the account's quotas, and returns whether that changed one. */
  const lowerToQuotas = async () => {
    const before = await read();
    // If Service Quotas does not answer, `learn` concludes from the refusal.
    const { rules, groups } = await quotas().catch(() => before);
    known = { ...before, rules: Math.min(before.rules, rules), groups: Math.min(before.groups, groups) };
    return known.rules < before.rules || known.groups < before.groups;
  };
  return {
    read,
    /** Remembers what a refused call shows. Before it concludes from the refusal, it asks Service Quotas. */
    async learn(step: GroupStep, error: unknown, groups: readonly RangeGroup[]): Promise<void> {
      const isExplained = isNamed(error, RULES_REFUSED, GROUPS_REFUSED) && (await lowerToQuotas());
      if (!isExplained) known = limitsAfter(error, step, { groups, limits: await read() });
    },
  };
}

const RULES_REFUSED = 'RulesPerSecurityGroupLimitExceeded';
const GROUPS_REFUSED = 'SecurityGroupsPerInterfaceLimitExceeded';

export function limitsAfter(
  error: unknown,
  step: GroupStep,
  { groups, limits }: Pick<GroupState, 'groups' | 'limits'>,
): GroupLimits {
  if (step.kind === 'create' && isNamed(error, 'InvalidGroup.Duplicate'))
    return { ...limits, taken: new Set([...(limits.taken ?? []), step.group]) };
  if (step.kind === 'attach' && isNamed(error, GROUPS_REFUSED))
    return { ...limits, groups: step.point.groups.length + step.groups.length - 1 };
  if (step.kind !== 'authorize' || !isNamed(error, RULES_REFUSED)) return limits;
  const group = groups.find(({ id }) => id === step.group);
  const held = perFamily((family) => (group ? group.foreignWeight[family] + countOf(group.own, family) : 0));
  const most = Math.max(countOf(step.rules, 'IPv4'), countOf(step.rules, 'IPv6'));
  // The group was empty, so the quota itself is lower than `limits` say.
  if (held.IPv4 + held.IPv6 === 0) return { ...limits, rules: Math.max(1, Math.floor(most / 2)) };
  const refused = perFamily((family) => (countOf(step.rules, family) > 0 ? held[family] : limits.rules));
  return { ...limits, full: new Map([...(limits.full ?? []), [step.group, refused]]) };
}

export type ListWeight = { readonly family: Family; readonly entries: number };

/** AWS says only in its documentation how many entries its own lists can hold: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
const AWS_LISTS: Readonly<Record<string, number>> = {
  'cloudfront.origin-facing': 55,
  dynamodb: 1,
  'ec2-instance-connect': 2,
  groundstation: 5,
  'route53-healthchecks': 25,
  s3: 1,
  s3express: 6,
  'secretsmanager-managed-external-secrets': 20,
  'vpc-lattice': 10,
};
/** Names such as `com.amazonaws.global.ipv6.cloudfront.origin-facing`, with the Region instead of `global` for most. */
const awsWeight = (name: string): number | undefined =>
  AWS_LISTS[name.replace(/^com\.amazonaws\.[\w-]+\.(ipv6\.)?/, '')];

/** Returns the weights of the prefix lists that rules name: a list counts for as many rules as it can hold entries. */
export async function listWeights(
  rules: readonly SecurityGroupRule[],
  client: EC2Client,
): Promise<ReadonlyMap<string, ListWeight>> {
  const PrefixListIds = [...new Set(rules.flatMap(({ PrefixListId }) => PrefixListId ?? []))];
  if (PrefixListIds.length === 0) return new Map();
  const pages = paginateDescribeManagedPrefixLists({ client }, { PrefixListIds });
  const lists = await itemsOf(pages, ({ PrefixLists }) => PrefixLists);
  return new Map(
    lists.map(({ PrefixListId, PrefixListName = '', MaxEntries, AddressFamily }) => {
      const entries = MaxEntries ?? awsWeight(PrefixListName) ?? 1;
      return [PrefixListId!, { family: AddressFamily as Family, entries }];
    }),
  );
}

/** Returns for how many rules of a family these count. A rule that names a group counts in both families. */
export function weightOf(
  rules: readonly SecurityGroupRule[],
  family: Family,
  weights: ReadonlyMap<string, ListWeight>,
): number {
  const each = rules.map(({ CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo }) => {
    const list = weights.get(PrefixListId ?? '');
    if (list) return list.family === family ? list.entries : 0;
    return Number(Boolean(ReferencedGroupInfo ?? (family === 'IPv4' ? CidrIpv4 : CidrIpv6)));
  });
  return each.reduce((sum, weight) => sum + weight, 0);
}
