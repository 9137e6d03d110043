/** Security groups for cases: made by an administrator of the account. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  type IpPermission,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import type { FindingResource } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';

/** A new group with these inbound rules, as a finding names it; in the default VPC unless another is given. */
export async function securityGroup(
  ec2: EC2Client,
  where: ScenarioContext<unknown>,
  rules: IpPermission[],
  { vpcId, tags = {} }: { vpcId?: string; tags?: Readonly<Record<string, string>> } = {},
): Promise<FindingResource> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: where.name,
      Description: 'made for a case',
      VpcId: vpcId,
      ...(Object.keys(tags).length > 0 && { TagSpecifications: tagged('security-group', tags) }),
    }),
  );
  await allowInbound(ec2, GroupId!, rules);
  return groupResource(where, GroupId!);
}

export async function allowInbound(ec2: EC2Client, GroupId: string, IpPermissions: IpPermission[]): Promise<void> {
  if (IpPermissions.length > 0) await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

export const groupResource = (
  { partition, region, account }: ScenarioContext<unknown>,
  groupId: string,
): FindingResource => ({
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:${partition}:ec2:${region}:${account}:security-group/${groupId}`,
  Partition: partition,
  Region: region,
});

/** A new VPC; its tag `Name` tells it from others, as VPCs have no names. */
export async function vpc(ec2: EC2Client, { name }: ScenarioContext<unknown>): Promise<string> {
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.0.0.0/24', TagSpecifications: tagged('vpc', { Name: name }) }),
  );
  return Vpc!.VpcId!;
}

/** The default security group of a VPC, by default of the account's default VPC. */
export async function defaultGroup(ec2: EC2Client, vpcId?: string): Promise<string> {
  const named = { Name: 'group-name', Values: ['default'] };
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand(
      vpcId ? { Filters: [named, { Name: 'vpc-id', Values: [vpcId] }] } : { GroupNames: ['default'] },
    ),
  );
  return SecurityGroups![0]!.GroupId!;
}

/** A customer's prefix list that holds no public address. */
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

/** An inbound rule over ports `from` to `to`, open to everybody by default. */
export const open = (from: number, to = from, cidr = '0.0.0.0/0', protocol = 'tcp'): IpPermission => ({
  IpProtocol: protocol,
  FromPort: from,
  ToPort: to,
  ...(cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
});

export const allTraffic = (cidr: string): IpPermission => open(-1, -1, cidr, '-1');

/** The same rule with a description. */
export const described = (rule: IpPermission, Description: string): IpPermission => ({
  ...rule,
  IpRanges: rule.IpRanges?.map((range) => ({ ...range, Description })),
  Ipv6Ranges: rule.Ipv6Ranges?.map((range) => ({ ...range, Description })),
});

const tagged = (ResourceType: ResourceType, tags: Readonly<Record<string, string>>) => [
  { ResourceType, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
];
