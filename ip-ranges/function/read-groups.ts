/** Reads everything about a target's groups: rules, to whom each belongs, and what the groups are attached to. */
import {
  type EC2Client,
  type Filter,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeVpcs,
  type SecurityGroup,
  type SecurityGroupRule,
  type Tag,
} from '@aws-sdk/client-ec2';
import {
  type ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isNamed, SutureError } from '../../functions/contract/errors.ts';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, type OtherTarget, PREFIX_TAG } from '../contract/targets.ts';
import { parseCidr } from '../planning/cidr.ts';
import type { RemovalState } from '../planning/leftovers.ts';
import { type AttachmentPoint, type GroupState, type HeldRule, perFamily, type RangeGroup } from '../planning/state.ts';
import { type ListWeight, listWeights, weightOf } from './limits.ts';
import { OWN_TAG } from './marks.ts';
import { chunks, itemsOf } from './pages.ts';

export type GroupClients = { readonly ec2: EC2Client; readonly elb: ElasticLoadBalancingV2Client };
type Read = Omit<GroupState, 'limits'>;

/**
 * Reads the groups that the target's configuration takes.
 * @param created ids of groups that must be among them
 */
export async function readGroups(
  target: IpRangesTarget,
  clients: GroupClients,
  created: readonly string[],
): Promise<Read & { readonly vpcId: string }> {
  const { vpcId, groups } = await groupsOf(target, clients.ec2);
  const hidden = created.find((id) => !groups.some(({ GroupId }) => GroupId === id));
  if (hidden) throw new SutureError('ServiceUnavailable', `EC2 does not show ${hidden} yet, which was just created.`);
  return { vpcId, ...(await stateOf(groups, target, clients)) };
}

/** Reads what a target that is not configured any more left, by its mark, and what else is on the same interfaces. */
export async function readMarked(target: IpRangesTarget, clients: GroupClients): Promise<Omit<RemovalState, 'limits'>> {
  const { ec2 } = clients;
  const Filters = [tagFilter(OWN_TAG, target.name)];
  const created = idsOf(await describeGroups(ec2, { Filters }));
  const holding = idsOf(await rulesBy(ec2, Filters));
  const ids = [...new Set([...created, ...holding])];
  const state = await stateOf(ids.length > 0 ? await describeGroups(ec2, { GroupIds: ids }) : [], target, clients);
  const beside = new Set(state.points.flatMap(({ groups }) => groups.filter((id) => !ids.includes(id))));
  const rules = (await rulesOf([...beside], ec2)).filter(({ IsEgress }) => !IsEgress);
  const byGroup = Map.groupBy(rules, ({ GroupId }) => GroupId!);
  return { ...state, besides: new Map([...byGroup].map(([id, of]) => [id, of.flatMap(heldRule)])) };
}

async function stateOf(found: readonly SecurityGroup[], target: IpRangesTarget, clients: GroupClients): Promise<Read> {
  const ids = idsOf(found);
  const rules = await rulesOf(ids, clients.ec2);
  const weights = await listWeights(rules, clients.ec2);
  const groups = found.map((group) => groupFrom(group, rules, weights, target));
  return { groups: groups.toSorted(inOrder(target)), points: await pointsOf(ids, clients) };
}

async function groupsOf(target: IpRangesTarget, ec2: EC2Client) {
  const marked = (vpcId: string, tag: Filter) =>
    describeGroups(ec2, { Filters: [{ Name: 'vpc-id', Values: [vpcId] }, tag] });
  if (!target.groups) {
    const vpcId = target.vpcId ?? (await defaultVpc(target, ec2));
    const groups = await marked(vpcId, tagFilter(PREFIX_TAG, target.prefixName));
    // A group of another target may have the same prefix.
    return { vpcId, groups: groups.filter((group) => [undefined, target.name].includes(tagOf(group, OWN_TAG))) };
  }
  const named = await namedGroups(target, ec2);
  const [vpcId, ...more] = new Set(named.map(({ VpcId }) => VpcId!));
  if (more.length > 0)
    throw targetBlocked(
      `The groups ${target.groups.join(', ')} lie in ${more.length + 1} VPCs: make one target for each VPC.`,
    );
  const created = await marked(vpcId!, tagFilter(OWN_TAG, target.name));
  const groups = [...named, ...created.filter(({ GroupId }) => !target.groups!.includes(GroupId!))];
  return { vpcId: vpcId!, groups };
}

async function namedGroups({ groups, account, region }: IpRangesTarget, ec2: EC2Client): Promise<SecurityGroup[]> {
  try {
    return await describeGroups(ec2, { GroupIds: [...groups!] });
  } catch (error) {
    if (!isNamed(error, 'InvalidGroup.NotFound')) throw error;
    throw targetBlocked(`${(error as Error).message} (in ${account}, ${region}). Correct the target's groups.`);
  }
}

async function defaultVpc({ account, region }: IpRangesTarget, client: EC2Client): Promise<string> {
  const Filters = [{ Name: 'is-default', Values: ['true'] }];
  const [vpc] = await itemsOf(paginateDescribeVpcs({ client }, { Filters }), ({ Vpcs }) => Vpcs);
  if (vpc) return vpc.VpcId!;
  throw targetBlocked(`${account} has no default VPC in ${region}: name the target's vpcId.`);
}

const targetBlocked = (message: string) => new IpRangesError('TargetBlocked', message);

const idsOf = (of: readonly { readonly GroupId?: string }[]): string[] => of.map(({ GroupId }) => GroupId!);

export const describeGroups = (client: EC2Client, input: { GroupIds?: string[]; Filters?: Filter[] }) =>
  itemsOf(paginateDescribeSecurityGroups({ client }, input), ({ SecurityGroups }) => SecurityGroups);

const rulesBy = (client: EC2Client, Filters: Filter[]): Promise<SecurityGroupRule[]> =>
  itemsOf(paginateDescribeSecurityGroupRules({ client }, { Filters }), (page) => page.SecurityGroupRules);

/** Returns the rules of these groups. A filter takes 200 values. */
export async function rulesOf(ids: readonly string[], client: EC2Client): Promise<SecurityGroupRule[]> {
  const parts = chunks(ids, 200).map((Values) => rulesBy(client, [{ Name: 'group-id', Values }]));
  return (await Promise.all(parts)).flat();
}

function groupFrom(
  group: SecurityGroup,
  all: readonly SecurityGroupRule[],
  weights: ReadonlyMap<string, ListWeight>,
  target: IpRangesTarget,
): RangeGroup {
  const rules = all.filter(({ GroupId }) => GroupId === group.GroupId);
  const { inbound = [], outbound = [] } = Object.groupBy(rules, ({ IsEgress }) => (IsEgress ? 'outbound' : 'inbound'));
  const own = inbound.flatMap((rule) => (tagOf(rule, OWN_TAG) === target.name ? heldRule(rule) : []));
  const others = inbound.filter(({ SecurityGroupRuleId }) => !own.some(({ id }) => id === SecurityGroupRuleId));
  const marks = others.map((rule) => tagOf(rule, OWN_TAG));
  const created = tagOf(group, OWN_TAG) === target.name;
  const open = outbound.length > 0 && outbound.every(isOpen);
  return {
    id: group.GroupId!,
    name: group.GroupName!,
    created,
    own,
    foreign: others.flatMap((rule) =>
      heldRule(rule).map((one) => ({ ...one, description: rule.Description, orphanOf: tagOf(rule, OWN_TAG) })),
    ),
    foreignWeight: perFamily((family) => weightOf(others, family, weights)),
    shared: others.length > 0 || (outbound.length > 0 && (!open || (created && own.length > 0))),
    open,
    alsoOf: target.others.filter((other) => marks.includes(other.name) || claims(other, group)).map(({ name }) => name),
  };
}

/**
 * Returns whether another target's configuration takes the group: by its id, or by its prefix if no target created it.
 */
function claims({ mode, groups, prefixName, vpcId }: OtherTarget, group: SecurityGroup): boolean {
  if (groups) return groups.includes(group.GroupId!);
  const isMarked = tagOf(group, PREFIX_TAG) === prefixName && tagOf(group, OWN_TAG) === undefined;
  return mode === 'security-groups' && isMarked && (vpcId ?? group.VpcId) === group.VpcId;
}

function heldRule(rule: SecurityGroupRule): HeldRule[] {
  const { SecurityGroupRuleId, IpProtocol: protocol, FromPort = 0, ToPort = 0, CidrIpv4, CidrIpv6 } = rule;
  const text = CidrIpv4 ?? CidrIpv6;
  if ((protocol !== 'tcp' && protocol !== 'udp') || !text || isEverything(text)) return [];
  const cidr = parseCidr(text, CidrIpv4 ? 'IPv4' : 'IPv6');
  return [{ id: SecurityGroupRuleId!, protocol, from: FromPort, to: ToPort, cidr }];
}
const isEverything = (cidr: string | undefined) => cidr?.endsWith('/0') ?? false;

const isOpen = ({ IpProtocol, CidrIpv4, CidrIpv6 }: SecurityGroupRule) =>
  IpProtocol === '-1' && isEverything(CidrIpv4 ?? CidrIpv6);

async function pointsOf(ids: readonly string[], { ec2, elb }: GroupClients): Promise<AttachmentPoint[]> {
  if (ids.length === 0) return [];
  const Filters = [{ Name: 'group-id', Values: [...ids] }];
  const pages = paginateDescribeNetworkInterfaces({ client: ec2 }, { Filters });
  const found = await itemsOf(pages, ({ NetworkInterfaces }) => NetworkInterfaces);
  const { balancers = [], interfaces = [] } = Object.groupBy(found, ({ Description = '' }) =>
    /^ELB (app|net)\//.test(Description) ? 'balancers' : 'interfaces',
  );
  return [...interfaces.map(pointFrom), ...(balancers.length > 0 ? await balancersWith(ids, elb) : [])];
}

const pointFrom = (one: NetworkInterface): AttachmentPoint => ({
  kind: 'interface',
  id: one.NetworkInterfaceId!,
  groups: idsOf(one.Groups ?? []),
  ...(one.RequesterManaged && {
    fixed: `a service manages it (${[one.InterfaceType, one.Description].filter(Boolean).join(': ')})`,
  }),
});

async function balancersWith(ids: readonly string[], client: ElasticLoadBalancingV2Client): Promise<AttachmentPoint[]> {
  const balancers = await itemsOf(paginateDescribeLoadBalancers({ client }, {}), ({ LoadBalancers }) => LoadBalancers);
  return balancers
    .filter(({ SecurityGroups = [] }) => SecurityGroups.some((id) => ids.includes(id)))
    .map((one) => ({ kind: 'balancer', id: one.LoadBalancerArn!, groups: one.SecurityGroups! }));
}

/** Orders as configured, then by name: `AUTOUPDATE-2` before `AUTOUPDATE-10`. */
const inOrder =
  ({ groups = [] }: IpRangesTarget) =>
  (a: RangeGroup, b: RangeGroup) => {
    const place = ({ id }: RangeGroup) => (groups.includes(id) ? groups.indexOf(id) : groups.length);
    return place(a) - place(b) || a.name.localeCompare(b.name, 'en', { numeric: true }) || a.id.localeCompare(b.id);
  };

export const tagFilter = (name: string, value: string): Filter => ({ Name: `tag:${name}`, Values: [value] });
const tagOf = ({ Tags }: { readonly Tags?: Tag[] }, name: string) => Tags?.find(({ Key }) => Key === name)?.Value;
