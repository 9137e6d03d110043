import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  type EC2Client,
  type IpPermission,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, SetSecurityGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { isNamed } from '../../functions/contract/errors.ts';
import { type IpRangesTarget, PREFIX_TAG } from '../contract/targets.ts';
import { formatCidr } from '../planning/cidr.ts';
import { notesOn, planRemoval } from '../planning/leftovers.ts';
import { planGroups } from '../planning/plan.ts';
import type { GroupState, GroupStep, IngressRule, RangeGroup } from '../planning/state.ts';
import { holderOf } from './calls.ts';
import { limitSource } from './limits.ts';
import { OWN_TAG } from './marks.ts';
import { type GroupClients, readGroups, readMarked } from './read-groups.ts';
import type { TargetWorld, WorldClients } from './world.ts';

export const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export function groupsWorld(target: IpRangesTarget, clients: WorldClients): TargetWorld<GroupState, GroupStep> {
  const { ec2 } = clients;
  const limits = limitSource(target, clients.quotas);
  /** Ids of groups that this run created, by name: reads may not show them yet. */
  const createdIds = new Map<string, string>();
  /** The VPC and the groups as `read` last returned them. */
  let seen: { readonly vpcId?: string; readonly groups: readonly RangeGroup[] } = { vpcId: target.vpcId, groups: [] };
  const idOf = (ref: string) => createdIds.get(ref) ?? ref;
  const ownTag = { [OWN_TAG]: target.name };

  const create = async (GroupName: string) => {
    const Tags = tagList({ Name: GroupName, [PREFIX_TAG]: target.prefixName, ...ownTag });
    const Description = `Lets in ${target.services.join(' ')}, kept by Suture`.slice(0, 255);
    const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags }];
    const input = { GroupName, Description, VpcId: seen.vpcId, TagSpecifications };
    createdIds.set(GroupName, (await ec2.send(new CreateSecurityGroupCommand(input))).GroupId!);
  };
  const authorize = async (GroupId: string, rules: readonly IngressRule[]) => {
    const IpPermissions = permissionsFor(rules, target.services.join(' ').slice(0, 255));
    const TagSpecifications = [{ ResourceType: 'security-group-rule' as const, Tags: tagList(ownTag) }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, TagSpecifications }));
  };
  const call = async (step: GroupStep): Promise<unknown> => {
    if ('point' in step) return changeAttachment(clients, step, step.groups.map(idOf));
    const GroupId = idOf(step.group);
    if (step.kind === 'create') return create(step.group);
    if (step.kind === 'seal') return seal(ec2, GroupId);
    if (step.kind === 'authorize') return authorize(GroupId, step.rules);
    if (!('rules' in step)) return ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    const ids = step.rules.map(({ id }) => id);
    return step.kind === 'adopt'
      ? ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tagList(ownTag) }))
      : ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: ids }));
  };
  return {
    async read() {
      const { vpcId, ...state } = await readGroups(target, clients, [...createdIds.values()]);
      seen = { vpcId, groups: state.groups };
      return { ...state, limits: await limits.read() };
    },

    async perform(step) {
      try {
        await call(step);
      } catch (error) {
        await limits.learn(step, error, seen.groups);
        throw error;
      }
    },
    plan: (document, state, options) => planGroups(document, state, target, options),
    reportOf: (state) => ({
      holders: state.groups.map((group) => holderOf(group, state.limits.rules)),
      attachedTo: state.points.length,
      notes: notesOn(state),
    }),
    async removal() {
      const state = { ...(await readMarked(target, clients)), limits: await limits.read() };
      return { state, ...planRemoval(state) };
    },
  };
}

/** Reads the attached groups again just before it changes them, so that it undoes nobody's recent change. */
async function changeAttachment(
  { ec2, elb }: GroupClients,
  { kind, point }: Extract<GroupStep, { point: unknown }>,
  ids: readonly string[],
): Promise<void> {
  const changed = (groups: readonly string[] = []) =>
    kind === 'attach' ? [...new Set([...groups, ...ids])] : groups.filter((group) => !ids.includes(group));
  if (point.kind === 'balancer') {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [point.id] }));
    const SecurityGroups = changed(LoadBalancers?.[0]?.SecurityGroups);
    await elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn: point.id, SecurityGroups }));
    return;
  }
  const input = { NetworkInterfaceIds: [point.id] };
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand(input));
  const Groups = changed(NetworkInterfaces?.[0]?.Groups?.map(({ GroupId }) => GroupId!));
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: point.id, Groups }));
}

const EVERYTHING: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

async function seal(ec2: EC2Client, GroupId: string): Promise<void> {
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  const outbound = SecurityGroupRules.filter(({ IsEgress }) => IsEgress);
  const ids = outbound.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId!);
  // EC2 may not show a new rule yet; its content is known.
  const rules = ids.length > 0 ? { SecurityGroupRuleIds: ids } : { IpPermissions: [EVERYTHING] };
  try {
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, ...rules }));
  } catch (error) {
    if (!isNamed(error, 'InvalidPermission.NotFound', 'InvalidSecurityGroupRuleId.NotFound')) throw error;
  }
}

function permissionsFor(rules: readonly IngressRule[], Description: string): IpPermission[] {
  const byPorts = Map.groupBy(rules, ({ protocol, from, to }) => `${protocol} ${from} ${to}`);
  return [...byPorts.values()].map((same) => {
    const { IPv4 = [], IPv6 = [] } = Object.groupBy(same, ({ cidr }) => cidr.family);
    return {
      IpProtocol: same[0]!.protocol,
      FromPort: same[0]!.from,
      ToPort: same[0]!.to,
      IpRanges: IPv4.map(({ cidr }) => ({ CidrIp: formatCidr(cidr), Description })),
      Ipv6Ranges: IPv6.map(({ cidr }) => ({ CidrIpv6: formatCidr(cidr), Description })),
    };
  });
}
