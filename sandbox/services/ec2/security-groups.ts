import type * as sdk from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { AwsError, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { ec2Arn, ec2Need, securityGroupNeed } from './needs.ts';
import { describePermissions } from './permissions.ts';
import {
  applyFilters,
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Page,
  ec2Read,
  invalidEc2Parameter,
  missingEc2Parameter,
} from './requests.ts';
import {
  allowAllEgress,
  type Ec2At,
  type Ec2State,
  type RuleDirection,
  type SecurityGroup,
  type SecurityGroupRule,
} from './state.ts';
import { describeTags, tagNewResource } from './tags.ts';

export const securityGroupOperations: Ec2Operations = {
  CreateSecurityGroup: ec2Change(
    'CreateSecurityGroup',
    ['GroupName', 'Description', 'VpcId', 'TagSpecifications'],
    (input, at) => [
      ec2Need('CreateSecurityGroup', 'security-group', '*', at),
      ec2Need('CreateSecurityGroup', 'vpc', vpcIdOrDefault(input.VpcId, at), at),
    ],
    (input, at) => {
      const group = newSecurityGroup(input, at);
      at.state.groups.set(group.id, group);
      const out = allowAllEgress(at.kernel.id('sgr-', 17), group.id);
      at.state.rules.set(out.id, out);
      tagNewResource(group.id, input.TagSpecifications, at);
      return {
        GroupId: group.id,
        SecurityGroupArn: ec2Arn(at, 'security-group', group.id),
        Tags: describeTags(group.id, at),
      };
    },
  ),
  DeleteSecurityGroup: ec2Change(
    'DeleteSecurityGroup',
    ['GroupId', 'GroupName'],
    (input, at) => [securityGroupNeed('DeleteSecurityGroup', securityGroupIdIn(input, at), at)],
    (input, at) => {
      const group = existingSecurityGroup(input, at);
      if (group.name === 'default')
        throw new AwsError(
          'CannotDelete',
          `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
        );
      if (isReferenced(group.id, at.state))
        throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`);
      removeSecurityGroup(group.id, at.state);
      return { Return: true, GroupId: group.id };
    },
  ),
  DescribeSecurityGroups: ec2Read(
    'DescribeSecurityGroups',
    ['GroupIds', 'GroupNames', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const requested = [
        ...(input.GroupIds ?? []).map((GroupId) => existingSecurityGroup({ GroupId }, at)),
        ...(input.GroupNames ?? []).map((GroupName) => existingSecurityGroup({ GroupName }, at)),
      ];
      const rules = Map.groupBy(at.state.rules.values(), (rule) => rule.groupId);
      const groups = applyFilters(
        requested.length > 0 ? requested : at.state.groups.values(),
        input.Filters,
        securityGroupFilters(rules, at),
        at,
      );
      const page = ec2Page(groups, input);
      return {
        SecurityGroups: page.items.map((group) => describeSecurityGroup(group, rules.get(group.id) ?? [], at)),
        NextToken: page.nextToken,
      };
    },
  ),
};

type GroupInput = { GroupId?: string; GroupName?: string };

/** Returns `*` for an unknown name. A name refers to the default VPC. */
export function securityGroupIdIn({ GroupId, GroupName }: GroupInput, at: Ec2At): string {
  if (GroupId !== undefined) return GroupId;
  return (
    [...at.state.groups.values()].find((group) => group.name === GroupName && isInDefaultVpc(group, at))?.id ?? '*'
  );
}

export function existingSecurityGroup({ GroupId, GroupName }: GroupInput, at: Ec2At): SecurityGroup {
  if (GroupId === undefined && GroupName === undefined) throw missingEc2Parameter('groupName or groupId');
  if (GroupId !== undefined) checkIdForm(GroupId, 'sg-');
  const group = at.state.groups.get(securityGroupIdIn({ GroupId, GroupName }, at));
  if (!group)
    throw new AwsError('InvalidGroup.NotFound', `The security group '${GroupId ?? GroupName}' does not exist`);
  return group;
}

export const isInDefaultVpc = (group: SecurityGroup, at: Ec2At): boolean =>
  at.state.vpcs.get(group.vpcId)?.isDefault ?? false;

export function removeSecurityGroup(id: string, state: Ec2State): void {
  const ruleIds = [...state.rules.values()].filter((rule) => rule.groupId === id).map((rule) => rule.id);
  for (const ruleId of ruleIds) {
    state.rules.delete(ruleId);
    state.tags.delete(ruleId);
  }
  state.groups.delete(id);
  state.tags.delete(id);
}

const ruleProperties = z.strictObject({
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
const groupProperties = z.strictObject({
  GroupDescription: z.string(),
  GroupName: z.string().optional(),
  VpcId: z.string().optional(),
  SecurityGroupIngress: z.array(ruleProperties).optional(),
  SecurityGroupEgress: z.array(ruleProperties).optional(),
  Tags: tagsSchema.optional(),
});

/** Inline egress rules replace the default one, which allows all traffic. */
export const securityGroupResource: ResourceType<Ec2State> = {
  async create(properties, at, resource) {
    const desired = parseProperties('AWS::EC2::SecurityGroup', groupProperties, properties, resource);
    const call = (operation: string, input: object): Promise<any> =>
      at.kernel.call(at.principal, at, 'ec2', operation, input);
    const { GroupId } = await call('CreateSecurityGroup', {
      GroupName: desired.GroupName ?? physicalName(at.kernel, resource, '', 255),
      Description: desired.GroupDescription,
      VpcId: desired.VpcId,
      ...(desired.Tags && { TagSpecifications: [{ ResourceType: 'security-group', Tags: desired.Tags }] }),
    });
    if (desired.SecurityGroupIngress?.length)
      await call('AuthorizeSecurityGroupIngress', {
        GroupId,
        IpPermissions: desired.SecurityGroupIngress.map(permissionOf),
      });
    if (desired.SecurityGroupEgress?.length) {
      const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
      await call('RevokeSecurityGroupEgress', { GroupId, IpPermissions: everything });
      await call('AuthorizeSecurityGroupEgress', {
        GroupId,
        IpPermissions: desired.SecurityGroupEgress.map(permissionOf),
      });
    }
    return { ref: GroupId, attributes: { GroupId, VpcId: at.state.groups.get(GroupId)?.vpcId } };
  },
};

const permissionOf = (rule: z.infer<typeof ruleProperties>): sdk.IpPermission => {
  const { Description } = rule;
  const GroupId = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const PrefixListId = rule.SourcePrefixListId ?? rule.DestinationPrefixListId;
  return {
    IpProtocol: rule.IpProtocol,
    FromPort: rule.FromPort,
    ToPort: rule.ToPort,
    ...(rule.CidrIp && { IpRanges: [{ CidrIp: rule.CidrIp, Description }] }),
    ...(rule.CidrIpv6 && { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6, Description }] }),
    ...(GroupId && { UserIdGroupPairs: [{ GroupId, Description }] }),
    ...(PrefixListId && { PrefixListIds: [{ PrefixListId, Description }] }),
  };
};

function newSecurityGroup({ GroupName, Description, VpcId }: sdk.CreateSecurityGroupRequest, at: Ec2At): SecurityGroup {
  if (!GroupName) throw missingEc2Parameter('groupName');
  if (!Description) throw missingEc2Parameter('groupDescription');
  if (GroupName.startsWith('sg-'))
    throw invalidEc2Parameter(`Invalid value '${GroupName}' for groupName. Group names may not be in the format sg-*.`);
  if (GroupName.toLowerCase() === 'default')
    throw new AwsError('InvalidParameterValue', `Cannot use reserved security group name: ${GroupName}`);
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(GroupName))
    throw invalidEc2Parameter(`Value (${GroupName}) for parameter GroupName is invalid.`);
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(Description))
    throw invalidEc2Parameter(`Value (${Description}) for parameter GroupDescription is invalid.`);
  const vpcId = vpcIdOrDefault(VpcId, at);
  checkIdForm(vpcId, 'vpc-');
  if (!at.state.vpcs.has(vpcId)) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  if ([...at.state.groups.values()].some((group) => group.vpcId === vpcId && group.name === GroupName))
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${GroupName}' already exists for VPC '${vpcId}'`);
  return { id: at.kernel.id('sg-', 17), name: GroupName, description: Description, vpcId };
}

const vpcIdOrDefault = (vpcId: string | undefined, at: Ec2At): string =>
  vpcId ?? [...at.state.vpcs.values()].find((vpc) => vpc.isDefault)?.id ?? '*';

const isReferenced = (id: string, { rules, interfaces }: Ec2State): boolean =>
  [...interfaces.values()].some(({ groups }) => groups.includes(id)) ||
  [...rules.values()].some(({ groupId, peer }) => groupId !== id && peer.kind === 'group' && peer.id === id);

function securityGroupFilters(rules: ReadonlyMap<string, readonly SecurityGroupRule[]>, at: Ec2At) {
  const ruleValues =
    (direction: RuleDirection, value: (rule: SecurityGroupRule) => string | undefined) => (group: SecurityGroup) =>
      (rules.get(group.id) ?? []).filter((rule) => rule.direction === direction).map(value);
  const permissionFilters = (prefix: string, direction: RuleDirection) => ({
    [`${prefix}ip-permission.cidr`]: ruleValues(direction, ({ peer }) =>
      peer.kind === 'ipv4' ? peer.cidr : undefined,
    ),
    [`${prefix}ip-permission.ipv6-cidr`]: ruleValues(direction, ({ peer }) =>
      peer.kind === 'ipv6' ? peer.cidr : undefined,
    ),
    [`${prefix}ip-permission.group-id`]: ruleValues(direction, ({ peer }) =>
      peer.kind === 'group' ? peer.id : undefined,
    ),
    [`${prefix}ip-permission.prefix-list-id`]: ruleValues(direction, ({ peer }) =>
      peer.kind === 'prefixList' ? peer.id : undefined,
    ),
    [`${prefix}ip-permission.protocol`]: ruleValues(direction, (rule) => rule.protocol),
    [`${prefix}ip-permission.from-port`]: ruleValues(direction, (rule) => String(rule.from)),
    [`${prefix}ip-permission.to-port`]: ruleValues(direction, (rule) => String(rule.to)),
  });
  return {
    'group-id': (group: SecurityGroup) => group.id,
    'group-name': (group: SecurityGroup) => group.name,
    'vpc-id': (group: SecurityGroup) => group.vpcId,
    description: (group: SecurityGroup) => group.description,
    'owner-id': () => at.account,
    ...permissionFilters('', 'ingress'),
    ...permissionFilters('egress.', 'egress'),
  };
}

const describeSecurityGroup = (
  group: SecurityGroup,
  rules: readonly SecurityGroupRule[],
  at: Ec2At,
): sdk.SecurityGroup => ({
  GroupId: group.id,
  GroupName: group.name,
  Description: group.description,
  VpcId: group.vpcId,
  OwnerId: at.account,
  SecurityGroupArn: ec2Arn(at, 'security-group', group.id),
  IpPermissions: describePermissions(rules.filter(({ direction }) => direction === 'ingress')),
  IpPermissionsEgress: describePermissions(rules.filter(({ direction }) => direction === 'egress')),
  Tags: describeTags(group.id, at),
});
