/**
 * VPCs, subnets and the network ACL that each VPC starts with.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { AwsError, type ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { canonicalIpv4, containsIpv4 } from './cidr.ts';
import { arnOf, needOn } from './needs.ts';
import { changes, checkShape, described, type Ec2Operations, filtered, missing, reads } from './requests.ts';
import { removeGroup } from './security-groups.ts';
import { addVpc, type Ec2, type Ec2State, type Subnet, type Vpc } from './state.ts';
import { tagNew, tagsOf } from './tags.ts';

export const vpcOperations: Ec2Operations = {
  CreateVpc: changes(
    'CreateVpc',
    ['CidrBlock', 'TagSpecifications'],
    (_, at) => [needOn('CreateVpc', 'vpc', '*', at)],
    (input, at) => {
      const cidr = blockOf(input.CidrBlock, 'InvalidVpc.Range');
      const vpc = { id: at.kernel.id('vpc-', 17), cidr, isDefault: false, aclId: at.kernel.id('acl-', 17) };
      addVpc(at.state, vpc, at.account, (prefix) => at.kernel.id(prefix, 17));
      tagNew(vpc.id, input.TagSpecifications, at);
      return { Vpc: shown(vpc, at) };
    },
  ),
  DeleteVpc: changes(
    'DeleteVpc',
    ['VpcId'],
    (input, at) => [needOn('DeleteVpc', 'vpc', input.VpcId ?? '*', at)],
    (input, at) => {
      const { id } = vpcWith(input.VpcId ?? '', at);
      const groups = [...at.state.groups.values()].filter((group) => group.vpcId === id);
      const inUse = groups.some((group) => group.name !== 'default') || subnetsOf(id, at).length > 0;
      if (inUse) throw new AwsError('DependencyViolation', `The vpc '${id}' has dependencies and cannot be deleted.`);
      for (const group of groups) removeGroup(group.id, at.state);
      at.state.vpcs.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  DescribeVpcs: reads('DescribeVpcs', ['VpcIds', 'Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const vpcs = input.VpcIds?.length ? input.VpcIds.map((id) => vpcWith(id, at)) : at.state.vpcs.values();
    const page = described(
      filtered(
        vpcs,
        input.Filters,
        {
          'vpc-id': (vpc) => vpc.id,
          cidr: (vpc) => vpc.cidr,
          'is-default': (vpc) => String(vpc.isDefault),
          isDefault: (vpc) => String(vpc.isDefault),
          'owner-id': () => at.account,
          state: () => 'available',
        },
        at,
      ),
      input,
    );
    return { Vpcs: page.items.map((vpc) => shown(vpc, at)), NextToken: page.nextToken };
  }),
  CreateSubnet: changes(
    'CreateSubnet',
    ['VpcId', 'CidrBlock', 'AvailabilityZone', 'TagSpecifications'],
    (input, at) => [
      needOn('CreateSubnet', 'subnet', '*', at, input.VpcId),
      needOn('CreateSubnet', 'vpc', input.VpcId ?? '*', at),
    ],
    (input, at) => {
      const vpc = vpcWith(input.VpcId ?? '', at);
      const cidr = blockOf(input.CidrBlock, 'InvalidSubnet.Range');
      if (!containsIpv4(vpc.cidr, cidr)) throw new AwsError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
      if (subnetsOf(vpc.id, at).some((other) => containsIpv4(other.cidr, cidr) || containsIpv4(cidr, other.cidr))) {
        throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
      }
      const zone = input.AvailabilityZone ?? `${at.region}a`;
      const subnet = { id: at.kernel.id('subnet-', 17), vpcId: vpc.id, cidr, zone };
      at.state.subnets.set(subnet.id, subnet);
      tagNew(subnet.id, input.TagSpecifications, at);
      return { Subnet: subnetShown(subnet, at) };
    },
  ),
  DeleteSubnet: changes(
    'DeleteSubnet',
    ['SubnetId'],
    (input, at) => [
      needOn('DeleteSubnet', 'subnet', input.SubnetId ?? '*', at, at.state.subnets.get(input.SubnetId ?? '')?.vpcId),
    ],
    (input, at) => {
      const { id } = subnetWith(input.SubnetId ?? '', at);
      if ([...at.state.interfaces.values()].some((one) => one.subnetId === id)) {
        throw new AwsError('DependencyViolation', `The subnet '${id}' has dependencies and cannot be deleted.`);
      }
      at.state.subnets.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  DescribeSubnets: reads('DescribeSubnets', ['SubnetIds', 'Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const subnets = input.SubnetIds?.length
      ? input.SubnetIds.map((id) => subnetWith(id, at))
      : at.state.subnets.values();
    const page = described(
      filtered(
        subnets,
        input.Filters,
        {
          'subnet-id': (subnet) => subnet.id,
          'vpc-id': (subnet) => subnet.vpcId,
          'availability-zone': (subnet) => subnet.zone,
        },
        at,
      ),
      input,
    );
    return { Subnets: page.items.map((subnet) => subnetShown(subnet, at)), NextToken: page.nextToken };
  }),
  DescribeNetworkAcls: reads(
    'DescribeNetworkAcls',
    ['NetworkAclIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const all = [...at.state.vpcs.values()].map((vpc) => ({ id: vpc.aclId, vpcId: vpc.id }));
      const asked = input.NetworkAclIds?.length ? input.NetworkAclIds.map((id) => aclWith(id, all)) : all;
      const page = described(
        filtered(
          asked,
          input.Filters,
          {
            'network-acl-id': (acl) => acl.id,
            'vpc-id': (acl) => acl.vpcId,
            default: () => 'true',
          },
          at,
        ),
        input,
      );
      return { NetworkAcls: page.items.map((acl) => aclShown(acl, at)), NextToken: page.nextToken };
    },
  ),
};

/** @throws AwsError InvalidSubnetID.NotFound */
export function subnetWith(id: string, at: Ec2): Subnet {
  const subnet = at.state.subnets.get(id);
  if (!subnet) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  return subnet;
}

const properties = z.strictObject({
  CidrBlock: z.string(),
  EnableDnsHostnames: flag.optional(),
  EnableDnsSupport: flag.optional(),
  InstanceTenancy: z.literal('default').optional(),
  Tags: tagsSchema.optional(),
});

/** AWS::EC2::VPC */
export const vpcResource: ResourceType<Ec2State> = {
  async create(given, at, resource) {
    const { CidrBlock, Tags } = parseProperties('AWS::EC2::VPC', properties, given, resource);
    const TagSpecifications = Tags && [{ ResourceType: 'vpc', Tags }];
    const made: { Vpc: sdk.Vpc } = await at.kernel.call(at.principal, at, 'ec2', 'CreateVpc', {
      CidrBlock,
      TagSpecifications,
    });
    const id = made.Vpc.VpcId!;
    const group = [...at.state.groups.values()].find((one) => one.vpcId === id)!;
    const attributes = {
      VpcId: id,
      CidrBlock: made.Vpc.CidrBlock,
      DefaultSecurityGroup: group.id,
      DefaultNetworkAcl: at.state.vpcs.get(id)!.aclId,
    };
    return { ref: id, attributes };
  },
};

function vpcWith(id: string, at: Ec2): Vpc {
  checkShape(id, 'vpc-', 'InvalidVpcID.Malformed');
  const vpc = at.state.vpcs.get(id);
  if (!vpc) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
  return vpc;
}

/** EC2 takes blocks from /16 to /28. */
function blockOf(given: string | undefined, outOfRange: string): string {
  if (given === undefined) throw missing('cidrBlock');
  const cidr = canonicalIpv4(given);
  const length = Number(cidr.split('/')[1]);
  if (length < 16 || length > 28) throw new AwsError(outOfRange, `The CIDR '${given}' is invalid.`);
  return cidr;
}

const subnetsOf = (vpcId: string, at: Ec2): Subnet[] =>
  [...at.state.subnets.values()].filter((subnet) => subnet.vpcId === vpcId);

const shown = (vpc: Vpc, at: Ec2): sdk.Vpc => ({
  VpcId: vpc.id,
  CidrBlock: vpc.cidr,
  IsDefault: vpc.isDefault,
  State: 'available',
  OwnerId: at.account,
  InstanceTenancy: 'default',
  Tags: tagsOf(vpc.id, at),
});

const subnetShown = (subnet: Subnet, at: Ec2): sdk.Subnet => ({
  SubnetId: subnet.id,
  SubnetArn: arnOf(at, 'subnet', subnet.id),
  VpcId: subnet.vpcId,
  CidrBlock: subnet.cidr,
  AvailabilityZone: subnet.zone,
  OwnerId: at.account,
  State: 'available',
  Tags: tagsOf(subnet.id, at),
});

type Acl = { readonly id: string; readonly vpcId: string };

function aclWith(id: string, all: readonly Acl[]): Acl {
  const acl = all.find((one) => one.id === id);
  if (!acl) throw new AwsError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`);
  return acl;
}

/** The default network ACL lets everything through in both directions; its last entry, 32767, denies the rest. */
function aclShown(acl: Acl, at: Ec2): sdk.NetworkAcl {
  const entry = (Egress: boolean, RuleNumber: number, RuleAction: sdk.RuleAction): sdk.NetworkAclEntry => ({
    Egress,
    RuleNumber,
    RuleAction,
    Protocol: '-1',
    CidrBlock: '0.0.0.0/0',
  });
  const Entries = [true, false].flatMap((egress) => [entry(egress, 100, 'allow'), entry(egress, 32767, 'deny')]);
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    IsDefault: true,
    OwnerId: at.account,
    Entries,
    Associations: [],
    Tags: tagsOf(acl.id, at),
  };
}
