/** Network ACLs for scenarios, created as an administrator of the account. */
import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeVpcsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type { FindingResource, Place, ResourceTags } from '../../contract/remediation.ts';
import type { AddTags, Arrange } from '../../contract/scenario.ts';
import { listOfTags } from '../kit/tag-list.ts';
import type { AclEntry } from './acl-entries.ts';

type AclTarget = { readonly acl: string };
type AclClients = { readonly ec2: EC2Client };

export const allowed = (rule: number, protocol: string, cidr: string, from?: number, to = from): AclEntry => ({
  ...{ rule, action: 'allow', protocol, cidr },
  ...(from !== undefined && { ports: { from, to: to! } }),
});

async function newVpc(ec2: EC2Client): Promise<string> {
  return (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))).Vpc!.VpcId!;
}

/** Returns the default VPC. A new one would have an ACL of its own, which would take the id that a finding names. */
async function defaultVpc(ec2: EC2Client): Promise<string | undefined> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  return Vpcs?.[0]?.VpcId;
}

/** Returns a step that creates an ACL with these inbound entries, and one outbound that lets everything out. */
export const aclWith =
  (entries: readonly AclEntry[], tags: ResourceTags = {}): Arrange<AclClients, AclTarget> =>
  async ({ ec2 }, context) => {
    const TagSpecifications = [{ ResourceType: 'network-acl' as const, Tags: listOfTags(tags) }];
    const creation = { VpcId: await defaultVpc(ec2), ...(Object.keys(tags).length > 0 && { TagSpecifications }) };
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand(creation));
    const acl = NetworkAcl!.NetworkAclId!;
    await addEntries(ec2, acl, entries);
    const everything = { RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' } as const;
    await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId: acl, Egress: true, ...everything }));
    return aclResource(context, acl);
  };

export async function addEntries(ec2: EC2Client, NetworkAclId: string, entries: readonly AclEntry[]): Promise<void> {
  for (const { rule, action, protocol, cidr, ports } of entries)
    await ec2.send(
      new CreateNetworkAclEntryCommand({
        ...{ NetworkAclId, Egress: false, RuleNumber: rule, RuleAction: action, Protocol: protocol },
        ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
        ...(ports && { PortRange: { From: ports.from, To: ports.to } }),
      }),
    );
}

export const defaultAcl: Arrange<AclClients, AclTarget> = async ({ ec2 }, context) => {
  const Filters = [{ Name: 'vpc-id', Values: [await newVpc(ec2)] }];
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
  return aclResource(context, NetworkAcls![0]!.NetworkAclId!);
};

export const aclResource = ({ partition, account, region }: Place, acl: string): FindingResource => ({
  Type: 'AwsEc2NetworkAcl',
  Id: `arn:${partition}:ec2:${region}:${account}:network-acl/${acl}`,
  Partition: partition,
  Region: region,
});

export const tagAcl: AddTags<AclClients, AclTarget> = ({ ec2 }, { target }, tags) =>
  ec2.send(new CreateTagsCommand({ Resources: [target.acl], Tags: listOfTags(tags) }));
