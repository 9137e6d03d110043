/** The security group of a finding: the target, its tags, and the network interfaces that use it. */
import {
  type EC2Client,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroups,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { arn, type ResourceTags } from '../../contract/remediation.ts';

/** Every remediation of security groups has this target, so that their leases exclude each other. */
export const GROUP_ARN = 'arn:{partition}:ec2:{region}:{account}:security-group/{groupId}';
export const groupTarget = arn('AwsEc2SecurityGroup', GROUP_ARN, {
  groupId: /sg-(?:[0-9a-f]{8}|[0-9a-f]{17})/,
});

/** Returns the group, or undefined if it is gone: with a filter, EC2 returns an empty list instead of an error. */
export async function describeGroup(ec2: EC2Client, groupId: string): Promise<SecurityGroup | undefined> {
  const filter = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: ec2 }, filter))
    if (SecurityGroups[0]) return SecurityGroups[0];
  return undefined;
}

export async function groupTags(ec2: EC2Client, groupId: string): Promise<ResourceTags> {
  const group = await describeGroup(ec2, groupId);
  return Object.fromEntries((group?.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));
}

/**
 * Names up to three network interfaces that have this group, including those of services. Returns undefined if none
 * has.
 */
export async function interfacesUsing(ec2: EC2Client, groupId: string): Promise<string | undefined> {
  const ids: string[] = [];
  const filter = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
  for await (const { NetworkInterfaces = [] } of paginateDescribeNetworkInterfaces({ client: ec2 }, filter))
    ids.push(...NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId!));
  if (ids.length === 0) return undefined;
  return `network interfaces (${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ` and ${ids.length - 3} more` : ''})`;
}
