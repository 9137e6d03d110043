/** Security groups of a target in its account: read as the planner wants them, changed call by call. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  type EC2Client,
  type IpPermission,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
  SetSecurityGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isNamed } from '../../functions/contract/errors.ts';
import { type IpRangesTarget, OWN_TAG, PREFIX_TAG } from '../contract/targets.ts';
import { formatCidr } from '../planning/cidr.ts';
import type { World } from '../planning/converge.ts';
import type { Limits, Point, Rule, State, Step } from '../planning/state.ts';
import { readGroups } from './read-groups.ts';

export type GroupClients = { readonly ec2: EC2Client; readonly elb: ElasticLoadBalancingV2Client };

export function groupsWorld(
  target: IpRangesTarget,
  clients: GroupClients,
  limits: () => Promise<Limits>,
): World<State, Step> {
  const { ec2 } = clients;
  /** Ids of groups that this run made, by name: reads may not show them yet. */
  const made = new Map<string, string>();
  let vpcId = target.vpcId;
  const idOf = (ref: string) => made.get(ref) ?? ref;

  return {
    async read() {
      const state = await readGroups(target, clients, [...made.values()], await limits());
      vpcId = state.vpcId;
      return state;
    },

    async perform(step) {
      switch (step.kind) {
        case 'create': {
          const { GroupId } = await ec2.send(
            new CreateSecurityGroupCommand({
              GroupName: step.group,
              Description: `Lets in ${target.services.join(' ')}, kept by Suture`.slice(0, 255),
              VpcId: vpcId,
              TagSpecifications: tagged('security-group', {
                Name: step.group,
                [PREFIX_TAG]: target.prefixName,
                [OWN_TAG]: target.name,
              }),
            }),
          );
          made.set(step.group, GroupId!);
          return;
        }
        case 'seal':
          return seal(ec2, idOf(step.group));
        case 'authorize':
          await ec2.send(
            new AuthorizeSecurityGroupIngressCommand({
              GroupId: idOf(step.group),
              IpPermissions: permissionsFor(step.rules, target),
              TagSpecifications: tagged('security-group-rule', { [OWN_TAG]: target.name }),
            }),
          );
          return;
        case 'revoke':
          await ec2.send(
            new RevokeSecurityGroupIngressCommand({
              GroupId: step.group,
              SecurityGroupRuleIds: step.rules.map(({ id }) => id),
            }),
          );
          return;
        case 'attach':
          return change(clients, step.point, (groups) => [...groups, ...step.groups.map(idOf)]);
        case 'detach':
          return change(clients, step.point, (groups) => groups.filter((id) => !step.groups.includes(id)));
        case 'delete':
          await ec2.send(new DeleteSecurityGroupCommand({ GroupId: step.group }));
          for (const [name, id] of made) if (id === step.group) made.delete(name);
          return;
      }
    },
  };
}

/** Groups as they are at this moment, so that nobody's change of a moment ago is undone. */
async function change(
  { ec2, elb }: GroupClients,
  { kind, id }: Point,
  to: (groups: readonly string[]) => readonly string[],
): Promise<void> {
  if (kind === 'balancer') {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [id] }));
    const SecurityGroups = distinct(to(LoadBalancers?.[0]?.SecurityGroups ?? []));
    await elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn: id, SecurityGroups }));
    return;
  }
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  const Groups = distinct(to((NetworkInterfaces?.[0]?.Groups ?? []).map(({ GroupId }) => GroupId!)));
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups }));
}

async function seal(ec2: EC2Client, GroupId: string): Promise<void> {
  const { SecurityGroupRules = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
  );
  const ids = SecurityGroupRules.filter(({ IsEgress }) => IsEgress).map(
    ({ SecurityGroupRuleId }) => SecurityGroupRuleId!,
  );
  // A rule just made may not be shown yet; what it says is known.
  const rules = ids.length > 0 ? { SecurityGroupRuleIds: ids } : { IpPermissions: [EVERYTHING] };
  try {
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, ...rules }));
  } catch (error) {
    if (!isNamed(error, 'InvalidPermission.NotFound', 'InvalidSecurityGroupRuleId.NotFound')) throw error;
  }
}
const EVERYTHING: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

function permissionsFor(rules: readonly Rule[], { services }: IpRangesTarget): IpPermission[] {
  const Description = services.join(' ').slice(0, 255);
  const byPorts = Map.groupBy(rules, ({ protocol, from, to }) => `${protocol} ${from} ${to}`);
  return [...byPorts.values()].map((same) => ({
    IpProtocol: same[0]!.protocol,
    FromPort: same[0]!.from,
    ToPort: same[0]!.to,
    IpRanges: same.filter(isIPv4).map(({ cidr }) => ({ CidrIp: formatCidr(cidr), Description })),
    Ipv6Ranges: same.filter((rule) => !isIPv4(rule)).map(({ cidr }) => ({ CidrIpv6: formatCidr(cidr), Description })),
  }));
}
const isIPv4 = ({ cidr }: Rule) => cidr.family === 'IPv4';

const tagged = (
  type: 'security-group' | 'security-group-rule',
  tags: Readonly<Record<string, string>>,
): TagSpecification[] => [{ ResourceType: type, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }];

const distinct = (groups: readonly string[]) => [...new Set(groups)];
