/**
 * Security groups: made, described, deleted. Their rules are in `security-group-rules.ts`.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { AwsError, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { arnOf, needOn, needOnGroup } from './needs.ts';
import { permissionsOf } from './permissions.ts';
import { changes, checkShape, described, type Ec2Operations, filtered, invalid, missing, reads } from './requests.ts';
import { type Ec2, type Ec2State, type Group, outToEverywhere, type Rule } from './state.ts';
import { tagNew, tagsOf } from './tags.ts';

export const securityGroupOperations: Ec2Operations = {
  CreateSecurityGroup: changes(
    'CreateSecurityGroup',
    ['GroupName', 'Description', 'VpcId', 'TagSpecifications'],
    (input, at) => [
      needOn('CreateSecurityGroup', 'security-group', '*', at),
      needOn('CreateSecurityGroup', 'vpc', vpcFor(input.VpcId, at), at),
    ],
    (input, at) => {
      const group = newGroup(input, at);
      at.state.groups.set(group.id, group);
      const out = outToEverywhere(at.kernel.id('sgr-', 17), group.id);
      at.state.rules.set(out.id, out);
      tagNew(group.id, input.TagSpecifications, at);
      return { GroupId: group.id, SecurityGroupArn: arnOf(at, 'security-group', group.id), Tags: tagsOf(group.id, at) };
    },
  ),
  DeleteSecurityGroup: changes(
    'DeleteSecurityGroup',
    ['GroupId', 'GroupName'],
    (input, at) => [needOnGroup('DeleteSecurityGroup', groupIdIn(input, at), at)],
    (input, at) => {
      const group = groupIn(input, at);
      if (group.name === 'default') {
        throw new AwsError(
          'CannotDelete',
          `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
        );
      }
      if (isUsed(group.id, at.state)) {
        throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`);
      }
      removeGroup(group.id, at.state);
      return { Return: true, GroupId: group.id };
    },
  ),
  DescribeSecurityGroups: reads(
    'DescribeSecurityGroups',
    ['GroupIds', 'GroupNames', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const asked = [
        ...(input.GroupIds ?? []).map((GroupId) => groupIn({ GroupId }, at)),
        ...(input.GroupNames ?? []).map((GroupName) => groupIn({ GroupName }, at)),
      ];
      const named = input.GroupIds?.length || input.GroupNames?.length;
      const rules = Map.groupBy(at.state.rules.values(), (rule) => rule.groupId);
      const groups = filtered(named ? asked : at.state.groups.values(), input.Filters, filtersOver(rules, at), at);
      const page = described(groups, input);
      return {
        SecurityGroups: page.items.map((group) => shown(group, rules.get(group.id) ?? [], at)),
        NextToken: page.nextToken,
      };
    },
  ),
};

type Named = { GroupId?: string; GroupName?: string };

/** The id of the group that a request names; by name only in the default VPC. The group need not exist. */
export function groupIdIn({ GroupId, GroupName }: Named, at: Ec2): string {
  if (GroupId !== undefined) return GroupId;
  return [...at.state.groups.values()].find((group) => group.name === GroupName && inDefaultVpc(group, at))?.id ?? '*';
}

/** @throws AwsError InvalidGroup.NotFound, InvalidGroupId.Malformed, MissingParameter */
export function groupIn({ GroupId, GroupName }: Named, at: Ec2): Group {
  if (GroupId === undefined && GroupName === undefined) throw missing('groupName or groupId');
  if (GroupId !== undefined) checkShape(GroupId, 'sg-', 'InvalidGroupId.Malformed');
  const group = at.state.groups.get(groupIdIn({ GroupId, GroupName }, at));
  if (!group)
    throw new AwsError('InvalidGroup.NotFound', `The security group '${GroupId ?? GroupName}' does not exist`);
  return group;
}

export const inDefaultVpc = (group: Group, at: Ec2): boolean => at.state.vpcs.get(group.vpcId)?.isDefault ?? false;

/** Takes a group away with its rules and tags. */
export function removeGroup(id: string, state: Ec2State): void {
  const gone = [...state.rules.values()].filter((rule) => rule.groupId === id).map((rule) => rule.id);
  for (const rule of gone) {
    state.rules.delete(rule);
    state.tags.delete(rule);
  }
  state.groups.delete(id);
  state.tags.delete(id);
}

const rule = z.strictObject({
  IpProtocol: z.string(),
  FromPort: z.number().optional(),
  ToPort: z.number().optional(),
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
  DestinationSecurityGroupId: z.string().optional(),
  SourcePrefixListId: z.string().optional(),
  DestinationPrefixListId: z.string().optional(),
  Description: z.string().optional(),
});
const properties = z.strictObject({
  GroupDescription: z.string(),
  GroupName: z.string().optional(),
  VpcId: z.string().optional(),
  SecurityGroupIngress: z.array(rule).optional(),
  SecurityGroupEgress: z.array(rule).optional(),
  Tags: tagsSchema.optional(),
});

/** AWS::EC2::SecurityGroup with its inline rules; egress rules replace the one that lets everything out. */
export const securityGroupResource: ResourceType<Ec2State> = {
  async create(given, at, resource) {
    const wanted = parseProperties('AWS::EC2::SecurityGroup', properties, given, resource);
    const call = (operation: string, input: object): Promise<any> =>
      at.kernel.call(at.principal, at, 'ec2', operation, input);
    const { GroupId } = await call('CreateSecurityGroup', {
      GroupName: wanted.GroupName ?? physicalName(at.kernel, resource, '', 255),
      Description: wanted.GroupDescription,
      VpcId: wanted.VpcId,
      ...(wanted.Tags && { TagSpecifications: [{ ResourceType: 'security-group', Tags: wanted.Tags }] }),
    });
    if (wanted.SecurityGroupIngress?.length) {
      await call('AuthorizeSecurityGroupIngress', {
        GroupId,
        IpPermissions: wanted.SecurityGroupIngress.map(permission),
      });
    }
    if (wanted.SecurityGroupEgress?.length) {
      const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
      await call('RevokeSecurityGroupEgress', { GroupId, IpPermissions: everything });
      await call('AuthorizeSecurityGroupEgress', {
        GroupId,
        IpPermissions: wanted.SecurityGroupEgress.map(permission),
      });
    }
    return { ref: GroupId, attributes: { GroupId, VpcId: at.state.groups.get(GroupId)?.vpcId } };
  },
};

const permission = (one: z.infer<typeof rule>): sdk.IpPermission => {
  const { Description } = one;
  const GroupId = one.SourceSecurityGroupId ?? one.DestinationSecurityGroupId;
  const PrefixListId = one.SourcePrefixListId ?? one.DestinationPrefixListId;
  return {
    IpProtocol: one.IpProtocol,
    FromPort: one.FromPort,
    ToPort: one.ToPort,
    ...(one.CidrIp && { IpRanges: [{ CidrIp: one.CidrIp, Description }] }),
    ...(one.CidrIpv6 && { Ipv6Ranges: [{ CidrIpv6: one.CidrIpv6, Description }] }),
    ...(GroupId && { UserIdGroupPairs: [{ GroupId, Description }] }),
    ...(PrefixListId && { PrefixListIds: [{ PrefixListId, Description }] }),
  };
};

function newGroup({ GroupName, Description, VpcId }: sdk.CreateSecurityGroupRequest, at: Ec2): Group {
  if (!GroupName) throw missing('groupName');
  if (!Description) throw missing('groupDescription');
  if (GroupName.startsWith('sg-'))
    throw invalid(`Invalid value '${GroupName}' for groupName. Group names may not be in the format sg-*.`);
  if (GroupName.toLowerCase() === 'default')
    throw new AwsError('InvalidParameterValue', `Cannot use reserved security group name: ${GroupName}`);
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(GroupName))
    throw invalid(`Value (${GroupName}) for parameter GroupName is invalid.`);
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(Description))
    throw invalid(`Value (${Description}) for parameter GroupDescription is invalid.`);
  const vpcId = vpcFor(VpcId, at);
  if (!at.state.vpcs.has(vpcId)) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  if ([...at.state.groups.values()].some((group) => group.vpcId === vpcId && group.name === GroupName)) {
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${GroupName}' already exists for VPC '${vpcId}'`);
  }
  return { id: at.kernel.id('sg-', 17), name: GroupName, description: Description, vpcId };
}

const vpcFor = (given: string | undefined, at: Ec2): string =>
  given ?? [...at.state.vpcs.values()].find((vpc) => vpc.isDefault)?.id ?? '*';

const isUsed = (id: string, { rules, interfaces }: Ec2State): boolean =>
  [...interfaces.values()].some((one) => one.groups.includes(id)) ||
  [...rules.values()].some((one) => one.groupId !== id && one.peer.kind === 'group' && one.peer.id === id);

function filtersOver(rules: ReadonlyMap<string, readonly Rule[]>, at: Ec2) {
  const over = (egress: boolean, value: (rule: Rule) => string | undefined) => (group: Group) =>
    (rules.get(group.id) ?? []).filter((one) => one.egress === egress).map(value);
  const permissionFilters = (prefix: string, egress: boolean) => ({
    [`${prefix}ip-permission.cidr`]: over(egress, ({ peer }) => (peer.kind === 'ipv4' ? peer.cidr : undefined)),
    [`${prefix}ip-permission.ipv6-cidr`]: over(egress, ({ peer }) => (peer.kind === 'ipv6' ? peer.cidr : undefined)),
    [`${prefix}ip-permission.group-id`]: over(egress, ({ peer }) => (peer.kind === 'group' ? peer.id : undefined)),
    [`${prefix}ip-permission.prefix-list-id`]: over(egress, ({ peer }) =>
      peer.kind === 'prefixList' ? peer.id : undefined,
    ),
    [`${prefix}ip-permission.protocol`]: over(egress, (one) => one.protocol),
    [`${prefix}ip-permission.from-port`]: over(egress, (one) => String(one.from)),
    [`${prefix}ip-permission.to-port`]: over(egress, (one) => String(one.to)),
  });
  return {
    'group-id': (group: Group) => group.id,
    'group-name': (group: Group) => group.name,
    'vpc-id': (group: Group) => group.vpcId,
    description: (group: Group) => group.description,
    'owner-id': () => at.account,
    ...permissionFilters('', false),
    ...permissionFilters('egress.', true),
  };
}

const shown = (group: Group, rules: readonly Rule[], at: Ec2): sdk.SecurityGroup => ({
  GroupId: group.id,
  GroupName: group.name,
  Description: group.description,
  VpcId: group.vpcId,
  OwnerId: at.account,
  SecurityGroupArn: arnOf(at, 'security-group', group.id),
  IpPermissions: permissionsOf(rules.filter((one) => !one.egress)),
  IpPermissionsEgress: permissionsOf(rules.filter((one) => one.egress)),
  Tags: tagsOf(group.id, at),
});
