import type * as sdk from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { AwsError, type ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { canonicalIpv4, canonicalIpv6, containsIpv4 } from './cidr.ts';
import { ec2Arn, ec2Need } from './needs.ts';
import {
  applyFilters,
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Page,
  ec2Read,
  missingEc2Parameter,
} from './requests.ts';
import { removeSecurityGroup } from './security-groups.ts';
import { addVpc, type Ec2At, type Ec2State, type Subnet, type Vpc } from './state.ts';
import { describeTags, tagNewResource } from './tags.ts';

export const vpcOperations: Ec2Operations = {
  CreateVpc: ec2Change(
    'CreateVpc',
    ['CidrBlock', 'AmazonProvidedIpv6CidrBlock', 'TagSpecifications'],
    (_, at) => [ec2Need('CreateVpc', 'vpc', '*', at)],
    (input, at) => {
      const cidr = parseBlock(input.CidrBlock, 'InvalidVpc.Range');
      const id = at.kernel.id('vpc-', 17);
      const ipv6 = input.AmazonProvidedIpv6CidrBlock && { ipv6Cidr: ipv6BlockOf(id) };
      const vpc = { id, cidr, isDefault: false, aclId: at.kernel.id('acl-', 17, 'default-acl-'), ...ipv6 };
      addVpc(at.state, vpc, at.account, (prefix) => at.kernel.id(prefix, 17));
      tagNewResource(vpc.id, input.TagSpecifications, at);
      return { Vpc: describeVpc(vpc, at) };
    },
  ),
  DeleteVpc: ec2Change(
    'DeleteVpc',
    ['VpcId'],
    (input, at) => [ec2Need('DeleteVpc', 'vpc', input.VpcId ?? '*', at)],
    (input, at) => {
      const { id, aclId } = existingVpc(input.VpcId ?? '', at);
      const groups = [...at.state.groups.values()].filter((group) => group.vpcId === id);
      const ownAcls = [...at.state.acls.values()].filter((acl) => acl.vpcId === id && !acl.isDefault);
      const inUse =
        groups.some((group) => group.name !== 'default') || subnetsOfVpc(id, at).length > 0 || ownAcls.length > 0;
      if (inUse) throw new AwsError('DependencyViolation', `The vpc '${id}' has dependencies and cannot be deleted.`);
      for (const group of groups) removeSecurityGroup(group.id, at.state);
      at.state.acls.delete(aclId);
      at.state.vpcs.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  DescribeVpcs: ec2Read('DescribeVpcs', ['VpcIds', 'Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const vpcs = input.VpcIds?.length ? input.VpcIds.map((id) => existingVpc(id, at)) : at.state.vpcs.values();
    const page = ec2Page(
      applyFilters(
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
    return { Vpcs: page.items.map((vpc) => describeVpc(vpc, at)), NextToken: page.nextToken };
  }),
  CreateSubnet: ec2Change(
    'CreateSubnet',
    ['VpcId', 'CidrBlock', 'Ipv6CidrBlock', 'AvailabilityZone', 'TagSpecifications'],
    (input, at) => [
      ec2Need('CreateSubnet', 'subnet', '*', at, input.VpcId),
      ec2Need('CreateSubnet', 'vpc', input.VpcId ?? '*', at),
    ],
    (input, at) => {
      const vpc = existingVpc(input.VpcId ?? '', at);
      const cidr = parseBlock(input.CidrBlock, 'InvalidSubnet.Range');
      if (!containsIpv4(vpc.cidr, cidr)) throw new AwsError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
      if (subnetsOfVpc(vpc.id, at).some((other) => containsIpv4(other.cidr, cidr) || containsIpv4(cidr, other.cidr)))
        throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
      const zone = input.AvailabilityZone ?? `${at.region}a`;
      const id = at.kernel.id('subnet-', 17);
      const ipv6 = input.Ipv6CidrBlock !== undefined && { ipv6Cidr: ipv6BlockIn(vpc, input.Ipv6CidrBlock) };
      const off = { mapPublicIpOnLaunch: false, assignIpv6AddressOnCreation: false };
      const subnet = { id, vpcId: vpc.id, cidr, zone, ...off, ...ipv6 };
      at.state.subnets.set(subnet.id, subnet);
      tagNewResource(subnet.id, input.TagSpecifications, at);
      return { Subnet: describeSubnet(subnet, at) };
    },
  ),
  DeleteSubnet: ec2Change(
    'DeleteSubnet',
    ['SubnetId'],
    (input, at) => [subnetNeed('DeleteSubnet', input.SubnetId, at)],
    (input, at) => {
      const { id } = existingSubnet(input.SubnetId ?? '', at);
      const instances = [...at.state.instances.values()].filter(({ fields }) => fields.State?.Name !== 'terminated');
      const isUsed =
        [...at.state.interfaces.values()].some(({ subnetId }) => subnetId === id) ||
        instances.some(({ fields }) => fields.SubnetId === id);
      if (isUsed)
        throw new AwsError('DependencyViolation', `The subnet '${id}' has dependencies and cannot be deleted.`);
      at.state.subnets.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  DescribeSubnets: ec2Read('DescribeSubnets', ['SubnetIds', 'Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const subnets = input.SubnetIds?.length
      ? input.SubnetIds.map((id) => existingSubnet(id, at))
      : at.state.subnets.values();
    const page = ec2Page(
      applyFilters(
        subnets,
        input.Filters,
        {
          'subnet-id': (subnet) => subnet.id,
          'vpc-id': (subnet) => subnet.vpcId,
          'availability-zone': (subnet) => subnet.zone,
          'default-for-az': (subnet) => String(isDefaultSubnet(subnet, at)),
          'map-public-ip-on-launch': (subnet) => String(subnet.mapPublicIpOnLaunch),
        },
        at,
      ),
      input,
    );
    return { Subnets: page.items.map((subnet) => describeSubnet(subnet, at)), NextToken: page.nextToken };
  }),
  ModifySubnetAttribute: ec2Change(
    'ModifySubnetAttribute',
    ['SubnetId', 'MapPublicIpOnLaunch', 'AssignIpv6AddressOnCreation'],
    (input, at) => [subnetNeed('ModifySubnetAttribute', input.SubnetId, at)],
    (input, at) => {
      const subnet = existingSubnet(input.SubnetId ?? '', at);
      at.state.subnets.set(subnet.id, { ...subnet, ...changedAddressing(input, subnet) });
      return {};
    },
  ),
};

/** AWS changes one attribute a call. The sandbox knows no source for its errors. */
function changedAddressing(input: sdk.ModifySubnetAttributeRequest, { ipv6Cidr }: Subnet): Partial<Subnet> {
  const { MapPublicIpOnLaunch: ipv4, AssignIpv6AddressOnCreation: ipv6 } = input;
  if (ipv4 && ipv6) throw notModelled('that one call modifies two attributes of a subnet');
  if (ipv4?.Value !== undefined) return { mapPublicIpOnLaunch: ipv4.Value };
  if (ipv6?.Value === undefined) throw missingEc2Parameter('mapPublicIpOnLaunch');
  if (ipv6.Value && !ipv6Cidr) throw notModelled('IPv6 addresses in a subnet without an IPv6 block');
  return { assignIpv6AddressOnCreation: ipv6.Value };
}

/** Derives one of Amazon's /56 blocks from the id, so that each VPC has its own. */
const ipv6BlockOf = (vpcId: string): string =>
  canonicalIpv6(`2600:1f18:${vpcId.slice(4, 8)}:${vpcId.slice(8, 10)}00::/56`);

/** @throws AwsError InvalidSubnet.Range */
function ipv6BlockIn(vpc: Vpc, block: string): string {
  const cidr = canonicalIpv6(block);
  const outer = cidr.replace(/\/64$/, '/56');
  if (outer === cidr || canonicalIpv6(outer) !== vpc.ipv6Cidr)
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${block}' is invalid.`);
  return cidr;
}

export function existingSubnet(id: string, at: Ec2At): Subnet {
  checkIdForm(id, 'subnet-');
  const subnet = at.state.subnets.get(id);
  if (!subnet) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  return subnet;
}

const vpcProperties = z.strictObject({
  CidrBlock: z.string(),
  EnableDnsHostnames: flag.optional(),
  EnableDnsSupport: flag.optional(),
  InstanceTenancy: z.literal('default').optional(),
  Tags: tagsSchema.optional(),
});

export const vpcResource: ResourceType<Ec2State> = {
  async create(properties, at, resource) {
    const { CidrBlock, Tags } = parseProperties('AWS::EC2::VPC', vpcProperties, properties, resource);
    const TagSpecifications = Tags && [{ ResourceType: 'vpc', Tags }];
    const { Vpc }: { Vpc: sdk.Vpc } = await at.kernel.call(at.principal, at, 'ec2', 'CreateVpc', {
      CidrBlock,
      TagSpecifications,
    });
    const id = Vpc.VpcId!;
    const defaultGroup = [...at.state.groups.values()].find(({ vpcId }) => vpcId === id)!;
    const attributes = {
      VpcId: id,
      CidrBlock: Vpc.CidrBlock,
      DefaultSecurityGroup: defaultGroup.id,
      DefaultNetworkAcl: at.state.vpcs.get(id)!.aclId,
    };
    return { ref: id, attributes };
  },
};

export function existingVpc(id: string, at: Ec2At): Vpc {
  checkIdForm(id, 'vpc-');
  const vpc = at.state.vpcs.get(id);
  if (!vpc) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
  return vpc;
}

function parseBlock(block: string | undefined, outOfRange: string): string {
  if (block === undefined) throw missingEc2Parameter('cidrBlock');
  const cidr = canonicalIpv4(block);
  const length = Number(cidr.split('/')[1]);
  if (length < 16 || length > 28) throw new AwsError(outOfRange, `The CIDR '${block}' is invalid.`);
  return cidr;
}

const subnetsOfVpc = (vpcId: string, at: Ec2At): Subnet[] =>
  [...at.state.subnets.values()].filter((subnet) => subnet.vpcId === vpcId);

const subnetNeed = (action: string, id: string | undefined, at: Ec2At) =>
  ec2Need(action, 'subnet', id ?? '*', at, at.state.subnets.get(id ?? '')?.vpcId);

/** AWS creates the subnets of a default VPC, one for each zone. */
const isDefaultSubnet = ({ vpcId }: Subnet, { state }: Ec2At): boolean => state.vpcs.get(vpcId)?.isDefault ?? false;

const associated = ({ id, ipv6Cidr }: Vpc | Subnet) =>
  ipv6Cidr === undefined
    ? []
    : [{ AssociationId: id.replace(/^(vpc|subnet)-/, '$1-cidr-assoc-'), Ipv6CidrBlock: ipv6Cidr }];

const describeVpc = (vpc: Vpc, at: Ec2At): sdk.Vpc => ({
  VpcId: vpc.id,
  CidrBlock: vpc.cidr,
  IsDefault: vpc.isDefault,
  State: 'available',
  OwnerId: at.account,
  InstanceTenancy: 'default',
  Ipv6CidrBlockAssociationSet: associated(vpc),
  Tags: describeTags(vpc.id, at),
});

const describeSubnet = (subnet: Subnet, at: Ec2At): sdk.Subnet => ({
  SubnetId: subnet.id,
  SubnetArn: ec2Arn(at, 'subnet', subnet.id),
  VpcId: subnet.vpcId,
  CidrBlock: subnet.cidr,
  AvailabilityZone: subnet.zone,
  OwnerId: at.account,
  State: 'available',
  DefaultForAz: isDefaultSubnet(subnet, at),
  MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
  AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
  Ipv6CidrBlockAssociationSet: associated(subnet),
  Tags: describeTags(subnet.id, at),
});
