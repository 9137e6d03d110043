/** Everything about a target's groups: their rules, what they are attached to, whose is what. */
import {
  type EC2Client,
  type Filter,
  type NetworkInterface,
  paginateDescribeManagedPrefixLists,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeVpcs,
  type SecurityGroup,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import {
  type ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isNamed, SutureError } from '../../functions/contract/errors.ts';
import { type IpRangesTarget, OWN_TAG, PREFIX_TAG } from '../contract/targets.ts';
import { type Family, parseCidr } from '../planning/cidr.ts';
import { IpRangesError } from '../planning/errors.ts';
import type { Group, HeldRule, Limits, Point, Rule, State } from '../planning/state.ts';

type Clients = { readonly ec2: EC2Client; readonly elb: ElasticLoadBalancingV2Client };

/** `made`: ids of groups that must be among them. */
export async function readGroups(
  target: IpRangesTarget,
  { ec2, elb }: Clients,
  made: readonly string[],
  limits: Limits,
): Promise<State> {
  const found = await groupsOf(target, ec2);
  const missing = made.find((id) => !found.groups.some(({ GroupId }) => GroupId === id));
  if (missing) throw new SutureError('ServiceUnavailable', `EC2 does not show ${missing} yet, which was just made.`);
  const ids = found.groups.map(({ GroupId }) => GroupId!);
  const rules = await rulesOf(ids, ec2);
  const weights = await weightsOf(rules, ec2);
  return {
    vpcId: found.vpcId,
    groups: found.groups.map((group) => groupFrom(group, rules, weights, target)).toSorted(inOrder(target)),
    points: await pointsOf(ids, ec2, elb),
    limits,
  };
}

async function groupsOf(target: IpRangesTarget, ec2: EC2Client) {
  const own = (vpcId: string) => described(ec2, { Filters: [...inVpc(vpcId), tag(OWN_TAG, target.name)] });
  if (target.groups) {
    const named = await existing(target, ec2);
    const vpcs = new Set(named.map(({ VpcId }) => VpcId!));
    if (vpcs.size > 1)
      throw new IpRangesError(
        'TargetBlocked',
        `The groups ${target.groups.join(', ')} lie in ${vpcs.size} VPCs: make a target of each VPC's.`,
      );
    const [vpcId] = [...vpcs] as [string];
    const more = (await own(vpcId)).filter(({ GroupId }) => !target.groups!.includes(GroupId!));
    return { vpcId, groups: [...named, ...more] };
  }
  const vpcId = target.vpcId ?? (await defaultVpc(target, ec2));
  const marked = await described(ec2, { Filters: [...inVpc(vpcId), tag(PREFIX_TAG, target.prefixName)] });
  // Another target's may bear the same prefix.
  return { vpcId, groups: marked.filter((group) => [undefined, target.name].includes(tagOf(group, OWN_TAG))) };
}

async function existing({ groups, account, region }: IpRangesTarget, ec2: EC2Client): Promise<SecurityGroup[]> {
  try {
    return await described(ec2, { GroupIds: [...groups!] });
  } catch (error) {
    if (!isNamed(error, 'InvalidGroup.NotFound')) throw error;
    throw new IpRangesError(
      'TargetBlocked',
      `${(error as Error).message} (in ${account}, ${region}). Correct the target's groups.`,
      {
        cause: error,
      },
    );
  }
}

async function defaultVpc({ account, region }: IpRangesTarget, ec2: EC2Client): Promise<string> {
  for await (const { Vpcs } of paginateDescribeVpcs(
    { client: ec2 },
    { Filters: [{ Name: 'is-default', Values: ['true'] }] },
  ))
    if (Vpcs?.[0]?.VpcId) return Vpcs[0].VpcId;
  throw new IpRangesError('TargetBlocked', `${account} has no default VPC in ${region}: name the target's vpcId.`);
}

async function described(
  client: EC2Client,
  input: { GroupIds?: string[]; Filters?: Filter[] },
): Promise<SecurityGroup[]> {
  const groups: SecurityGroup[] = [];
  for await (const page of paginateDescribeSecurityGroups({ client }, input))
    groups.push(...(page.SecurityGroups ?? []));
  return groups;
}

async function rulesOf(ids: readonly string[], client: EC2Client): Promise<SecurityGroupRule[]> {
  const rules: SecurityGroupRule[] = [];
  for (const Values of chunks(ids))
    for await (const page of paginateDescribeSecurityGroupRules(
      { client },
      { Filters: [{ Name: 'group-id', Values }] },
    ))
      rules.push(...(page.SecurityGroupRules ?? []));
  return rules;
}

type Weight = { readonly family: Family; readonly entries: number };

/** A prefix list counts as many rules as it can hold. AWS does not say it of its own lists, which are in its documentation. */
async function weightsOf(rules: readonly SecurityGroupRule[], client: EC2Client): Promise<ReadonlyMap<string, Weight>> {
  const PrefixListIds = [...new Set(rules.flatMap(({ PrefixListId }) => PrefixListId ?? []))];
  const weights = new Map<string, Weight>();
  if (PrefixListIds.length === 0) return weights;
  for await (const { PrefixLists = [] } of paginateDescribeManagedPrefixLists({ client }, { PrefixListIds }))
    for (const { PrefixListId, PrefixListName = '', MaxEntries, AddressFamily } of PrefixLists)
      weights.set(PrefixListId!, {
        family: AddressFamily === 'IPv6' ? 'IPv6' : 'IPv4',
        entries: MaxEntries ?? WEIGHTS[PrefixListName] ?? 1,
      });
  return weights;
}
/** https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
const WEIGHTS: Readonly<Record<string, number>> = {
  'com.amazonaws.global.cloudfront.origin-facing': 55,
  'com.amazonaws.global.ipv6.cloudfront.origin-facing': 55,
  'com.amazonaws.global.groundstation': 5,
};

function groupFrom(
  group: SecurityGroup,
  all: readonly SecurityGroupRule[],
  weights: ReadonlyMap<string, Weight>,
  target: IpRangesTarget,
): Group {
  const rules = all.filter(({ GroupId }) => GroupId === group.GroupId);
  const inbound = rules.filter(({ IsEgress }) => !IsEgress);
  const outbound = rules.filter(({ IsEgress }) => IsEgress);
  const own = inbound.flatMap((rule) => (tagOf(rule, OWN_TAG) === target.name ? heldRule(rule) : []));
  const others = inbound.filter(({ SecurityGroupRuleId }) => !own.some(({ id }) => id === SecurityGroupRuleId));
  const created = tagOf(group, OWN_TAG) === target.name;
  const open = outbound.length > 0 && outbound.every(isOpen);
  return {
    id: group.GroupId!,
    name: group.GroupName!,
    vpcId: group.VpcId!,
    created,
    own,
    foreign: others.flatMap(heldRule).map(({ id: _, ...rule }): Rule => rule),
    foreignWeight: { IPv4: weightIn('IPv4', others, weights), IPv6: weightIn('IPv6', others, weights) },
    shared: others.length > 0 || (outbound.length > 0 && (!open || (created && own.length > 0))),
    open,
  };
}

/** A rule for ports of a range; the others can be none of ours. */
function heldRule(rule: SecurityGroupRule): HeldRule[] {
  const { SecurityGroupRuleId, IpProtocol, FromPort = 0, ToPort = 0, CidrIpv4, CidrIpv6 } = rule;
  if ((IpProtocol !== 'tcp' && IpProtocol !== 'udp') || !(CidrIpv4 ?? CidrIpv6)) return [];
  if (isEverything(CidrIpv4) || isEverything(CidrIpv6)) return [];
  const cidr = CidrIpv4 ? parseCidr(CidrIpv4, 'IPv4') : parseCidr(CidrIpv6!, 'IPv6');
  return [{ id: SecurityGroupRuleId!, protocol: IpProtocol, from: FromPort, to: ToPort, cidr }];
}
const isEverything = (cidr: string | undefined) => cidr?.endsWith('/0') ?? false;

const isOpen = ({ IpProtocol, CidrIpv4, CidrIpv6 }: SecurityGroupRule) =>
  IpProtocol === '-1' && (isEverything(CidrIpv4) || isEverything(CidrIpv6));

const weightIn = (family: Family, rules: readonly SecurityGroupRule[], weights: ReadonlyMap<string, Weight>): number =>
  rules.reduce((sum, { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo }) => {
    const weight = weights.get(PrefixListId ?? '');
    if (weight) return sum + (weight.family === family ? weight.entries : 0);
    return sum + Number(Boolean(ReferencedGroupInfo ?? (family === 'IPv4' ? CidrIpv4 : CidrIpv6)));
  }, 0);

async function pointsOf(
  ids: readonly string[],
  client: EC2Client,
  elb: ElasticLoadBalancingV2Client,
): Promise<Point[]> {
  const interfaces: NetworkInterface[] = [];
  for (const Values of chunks(ids))
    for await (const page of paginateDescribeNetworkInterfaces({ client }, { Filters: [{ Name: 'group-id', Values }] }))
      interfaces.push(...(page.NetworkInterfaces ?? []));
  const own = [...new Map(interfaces.map((one) => [one.NetworkInterfaceId!, one])).values()];
  const isBalancers = ({ Description = '' }: NetworkInterface) => /^ELB (app|net)\//.test(Description);
  return [
    ...own.filter((one) => !isBalancers(one)).map(pointFrom),
    ...(own.some(isBalancers) ? await balancersWith(ids, elb) : []),
  ];
}

function pointFrom({
  NetworkInterfaceId,
  Groups = [],
  RequesterManaged,
  InterfaceType,
  Description,
}: NetworkInterface): Point {
  return {
    kind: 'interface',
    id: NetworkInterfaceId!,
    groups: Groups.map(({ GroupId }) => GroupId!),
    ...(RequesterManaged && {
      fixed: `a service manages it (${[InterfaceType, Description].filter(Boolean).join(': ')})`,
    }),
  };
}

async function balancersWith(ids: readonly string[], client: ElasticLoadBalancingV2Client): Promise<Point[]> {
  const points: Point[] = [];
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {}))
    for (const { LoadBalancerArn, SecurityGroups = [] } of LoadBalancers)
      if (SecurityGroups.some((id) => ids.includes(id)))
        points.push({ kind: 'balancer', id: LoadBalancerArn!, groups: SecurityGroups });
  return points;
}

/** As configured, then by name: `AUTOUPDATE-2` before `AUTOUPDATE-10`. */
const inOrder =
  ({ groups = [] }: IpRangesTarget) =>
  (a: Group, b: Group) => {
    const place = ({ id }: Group) => (groups.includes(id) ? groups.indexOf(id) : groups.length);
    return place(a) - place(b) || a.name.localeCompare(b.name, 'en', { numeric: true }) || a.id.localeCompare(b.id);
  };

const inVpc = (vpcId: string): Filter[] => [{ Name: 'vpc-id', Values: [vpcId] }];
const tag = (name: string, value: string): Filter => ({ Name: `tag:${name}`, Values: [escaped(value)] });
/** Filters take `*` and `?` for wildcards. */
const escaped = (value: string) => value.replace(/[*?\\]/g, '\\$&');
const tagOf = ({ Tags }: { readonly Tags?: { Key?: string; Value?: string }[] }, name: string) =>
  Tags?.find(({ Key }) => Key === name)?.Value;

/** Values that a filter takes. */
const chunks = (values: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(values.length / 200) }, (_, n) => values.slice(n * 200, (n + 1) * 200));
