/** Security groups for cases: made by an administrator of the account. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type EC2Client,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import type { Where } from '../../contract/cases.ts';
import type { Resource } from '../../contract/remediation.ts';

/** A new group with these inbound rules, as a finding names it. */
export async function securityGroup(ec2: EC2Client, where: Where<unknown>, rules: IpPermission[]): Promise<Resource> {
  const made = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: where.name, Description: 'made for a case' }),
  );
  const GroupId = made.GroupId!;
  if (rules.length > 0) await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: rules }));
  return groupResource(where, GroupId);
}

export const groupResource = ({ partition, region, account }: Where<unknown>, groupId: string): Resource => ({
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:${partition}:ec2:${region}:${account}:security-group/${groupId}`,
  Partition: partition,
  Region: region,
});

/** An inbound rule over ports `from` to `to`, open to everybody by default. */
export const open = (from: number, to = from, cidr = '0.0.0.0/0', protocol = 'tcp'): IpPermission => ({
  IpProtocol: protocol,
  FromPort: from,
  ToPort: to,
  ...(cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
});
