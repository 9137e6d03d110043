/** Security groups for scenarios, made as an administrator of the account. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  type IpPermission,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import type { FindingResource, ResourceTags } from '../../contract/remediation.ts';
import type { AddTags, LastingChange, ScenarioContext } from '../../contract/scenario.ts';
import { listOfTags } from '../kit/tag-list.ts';

/** Creates a group with these inbound rules, by default in the default VPC. */
export async function securityGroup(
  ec2: EC2Client,
  context: ScenarioContext<unknown>,
  rules: IpPermission[],
  { vpcId, tags = {} }: { vpcId?: string; tags?: Readonly<Record<string, string>> } = {},
): Promise<FindingResource> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: context.name,
      Description: 'made for a scenario',
      VpcId: vpcId,
      TagSpecifications: tagSpecifications('security-group', tags),
    }),
  );
  await allowInbound(ec2, GroupId!, rules);
  return groupResource(context, GroupId!);
}

type GroupContext = ScenarioContext<{ readonly groupId: string }>;
type GroupClients = { readonly ec2: EC2Client };

/** The common part of scenarios that open ports: these rules, in a new group or in one that exists. */
export const openGroup = (rulesFor: (control: string) => IpPermission[]) => ({
  faulty: ({ ec2 }: GroupClients, context: GroupContext) => securityGroup(ec2, context, rulesFor(context.control)),
  tag: tagGroup,
  async fault({ ec2 }: GroupClients, { control, target }: GroupContext) {
    for (const rule of rulesFor(control))
      await allowInbound(ec2, target!.groupId, [rule]).catch((error: Error) => {
        if (error.name !== 'InvalidPermission.Duplicate') throw error;
      });
  },
});

export async function allowInbound(ec2: EC2Client, GroupId: string, IpPermissions: IpPermission[]): Promise<void> {
  if (IpPermissions.length > 0) await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

export const tagGroup: AddTags<GroupClients, { readonly groupId: string }> = ({ ec2 }, { target }, tags) =>
  ec2.send(new CreateTagsCommand({ Resources: [target.groupId], Tags: listOfTags(tags) }));

/** Adds inbound rules that have a tag of their own, which Terraform can give them. */
export async function allowTagged(ec2: EC2Client, GroupId: string, IpPermissions: IpPermission[]): Promise<void> {
  const TagSpecifications = tagSpecifications('security-group-rule', { ticket: 'NET-1' });
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, TagSpecifications }));
}

/** A scenario's `lasting` where rules have tags. */
export const LOST_RULE_TAGS: LastingChange = {
  path: 'rules.*.tags',
  because: 'a rule that is put back has no tags: to give them, Suture would need to tag any rule of the account',
};

export const groupResource = (
  { partition, region, account }: ScenarioContext<unknown>,
  groupId: string,
): FindingResource => ({
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:${partition}:ec2:${region}:${account}:security-group/${groupId}`,
  Partition: partition,
  Region: region,
});

/** Creates a VPC. VPCs have no names, so the tag `Name` identifies it. */
export async function vpc(ec2: EC2Client, { name }: ScenarioContext<unknown>): Promise<string> {
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.0.0.0/24', TagSpecifications: tagSpecifications('vpc', { Name: name }) }),
  );
  return Vpc!.VpcId!;
}

/** Finds the default security group of a VPC, by default of the default VPC. */
export async function defaultGroup(ec2: EC2Client, vpcId?: string): Promise<string> {
  const named = { Name: 'group-name', Values: ['default'] };
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand(
      vpcId ? { Filters: [named, { Name: 'vpc-id', Values: [vpcId] }] } : { GroupNames: ['default'] },
    ),
  );
  return SecurityGroups![0]!.GroupId!;
}

/** Creates a customer-managed prefix list without public addresses. */
export async function prefixList(ec2: EC2Client, { name }: ScenarioContext<unknown>): Promise<string> {
  const { PrefixList } = await ec2.send(
    new CreateManagedPrefixListCommand({
      PrefixListName: name,
      AddressFamily: 'IPv4',
      MaxEntries: 1,
      Entries: [{ Cidr: '10.0.0.0/8' }],
    }),
  );
  return PrefixList!.PrefixListId!;
}

/** Returns an inbound rule for the ports `from` to `to`, by default open to everybody. */
export const openRule = (from: number, to = from, cidr = '0.0.0.0/0', protocol = 'tcp'): IpPermission => ({
  IpProtocol: protocol,
  FromPort: from,
  ToPort: to,
  ...(cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
});

export const allTraffic = (cidr: string): IpPermission => openRule(-1, -1, cidr, '-1');

/** Returns the same rule with a description. */
export const described = (rule: IpPermission, Description: string): IpPermission => ({
  ...rule,
  IpRanges: rule.IpRanges?.map((range) => ({ ...range, Description })),
  Ipv6Ranges: rule.Ipv6Ranges?.map((range) => ({ ...range, Description })),
});

/** EC2 refuses a specification without tags. */
export const tagSpecifications = (ResourceType: ResourceType, tags: ResourceTags) =>
  Object.keys(tags).length === 0 ? undefined : [{ ResourceType, Tags: listOfTags(tags) }];
