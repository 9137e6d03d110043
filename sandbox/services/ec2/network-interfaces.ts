import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { quotaValue } from '../servicequotas/state.ts';
import { ec2Need, securityGroupNeed } from './needs.ts';
import { applyFilters, checkIdForm, type Ec2Operations, ec2Change, ec2Page, ec2Read } from './requests.ts';
import { existingSecurityGroup } from './security-groups.ts';
import type { Ec2At, NetworkInterface } from './state.ts';
import { describeTags, tagNewResource } from './tags.ts';
import { existingSubnet } from './vpcs.ts';

export const networkInterfaceOperations: Ec2Operations = {
  CreateNetworkInterface: ec2Change(
    'CreateNetworkInterface',
    ['SubnetId', 'Groups', 'Description', 'TagSpecifications', 'ClientToken'],
    (input, at) => [
      ec2Need(
        'CreateNetworkInterface',
        'network-interface',
        '*',
        at,
        at.state.subnets.get(input.SubnetId ?? '')?.vpcId,
      ),
      ec2Need(
        'CreateNetworkInterface',
        'subnet',
        input.SubnetId ?? '*',
        at,
        at.state.subnets.get(input.SubnetId ?? '')?.vpcId,
      ),
      ...(input.Groups ?? []).map((id) => securityGroupNeed('CreateNetworkInterface', id, at)),
    ],
    (input, at) => {
      const existing = at.state.interfaces.get(at.state.clientTokens.get(input.ClientToken ?? '') ?? '');
      if (existing) return { NetworkInterface: describeInterface(existing, at), ClientToken: input.ClientToken };
      const subnet = existingSubnet(input.SubnetId ?? '', at);
      const networkInterface: NetworkInterface = {
        id: at.kernel.id('eni-', 17),
        subnetId: subnet.id,
        vpcId: subnet.vpcId,
        description: input.Description ?? '',
        address: nextAddress(subnet.cidr, subnet.id, at),
        groups: resolveInterfaceGroups(
          input.Groups?.length ? input.Groups : [defaultGroupOf(subnet.vpcId, at)],
          subnet.vpcId,
          at,
        ),
      };
      at.state.interfaces.set(networkInterface.id, networkInterface);
      if (input.ClientToken) at.state.clientTokens.set(input.ClientToken, networkInterface.id);
      tagNewResource(networkInterface.id, input.TagSpecifications, at);
      return { NetworkInterface: describeInterface(networkInterface, at), ClientToken: input.ClientToken };
    },
  ),
  DeleteNetworkInterface: ec2Change(
    'DeleteNetworkInterface',
    ['NetworkInterfaceId'],
    (input, at) => [networkInterfaceNeed('DeleteNetworkInterface', input.NetworkInterfaceId, at)],
    (input, at) => {
      const { id, requester } = existingInterface(input.NetworkInterfaceId ?? '', at);
      if (requester) throw managedByService();
      at.state.interfaces.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  ModifyNetworkInterfaceAttribute: ec2Change(
    'ModifyNetworkInterfaceAttribute',
    ['NetworkInterfaceId', 'Groups', 'Description'],
    (input, at) => [
      networkInterfaceNeed('ModifyNetworkInterfaceAttribute', input.NetworkInterfaceId, at),
      ...(input.Groups ?? []).map((id) => securityGroupNeed('ModifyNetworkInterfaceAttribute', id, at)),
    ],
    (input, at) => {
      const old = existingInterface(input.NetworkInterfaceId ?? '', at);
      if (old.requester) throw managedByService();
      at.state.interfaces.set(old.id, {
        ...old,
        ...(input.Groups && { groups: resolveInterfaceGroups(input.Groups, old.vpcId, at) }),
        ...(input.Description && { description: input.Description.Value ?? '' }),
      });
      return {};
    },
  ),
  DescribeNetworkInterfaces: ec2Read(
    'DescribeNetworkInterfaces',
    ['NetworkInterfaceIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const interfaces = input.NetworkInterfaceIds?.length
        ? input.NetworkInterfaceIds.map((id) => existingInterface(id, at))
        : at.state.interfaces.values();
      const page = ec2Page(
        applyFilters(
          interfaces,
          input.Filters,
          {
            'network-interface-id': ({ id }) => id,
            'group-id': ({ groups }) => groups,
            'subnet-id': ({ subnetId }) => subnetId,
            'vpc-id': ({ vpcId }) => vpcId,
            description: ({ description }) => description,
            'interface-type': ({ kind }) => kind ?? 'interface',
            'requester-id': ({ requester }) => requester,
            'requester-managed': ({ requester }) => String(requester !== undefined),
          },
          at,
        ),
        input,
      );
      return { NetworkInterfaces: page.items.map((item) => describeInterface(item, at)), NextToken: page.nextToken };
    },
  ),
};

function existingInterface(id: string, at: Ec2At): NetworkInterface {
  checkIdForm(id, 'eni-');
  const networkInterface = at.state.interfaces.get(id);
  if (!networkInterface)
    throw new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
  return networkInterface;
}

const networkInterfaceNeed = (action: string, id: string | undefined, at: Ec2At) =>
  ec2Need(action, 'network-interface', id ?? '*', at, at.state.interfaces.get(id ?? '')?.vpcId);

const managedByService = (): AwsError =>
  new AwsError('AuthFailure', 'You do not have permission to access the specified resource.', 403);

/**
 * Removes duplicates, and checks that an interface of the VPC may have the groups.
 * @throws AwsError SecurityGroupsPerInterfaceLimitExceeded, InvalidGroup.NotFound
 */
export function resolveInterfaceGroups(groups: readonly string[], vpcId: string, at: Ec2At): string[] {
  if (groups.length > quotaValue(at.kernel, at, 'vpc/L-2AFB9258'))
    throw new AwsError(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  return [...new Set(groups)].map((GroupId) => {
    const group = existingSecurityGroup({ GroupId }, at);
    if (group.vpcId === vpcId) return group.id;
    throw new AwsError('InvalidGroup.NotFound', `The security group '${GroupId}' does not exist in VPC '${vpcId}'`);
  });
}

const defaultGroupOf = (vpcId: string, at: Ec2At): string =>
  [...at.state.groups.values()].find((group) => group.vpcId === vpcId && group.name === 'default')!.id;

type ServiceInterfaceOptions = Required<Pick<NetworkInterface, 'requester' | 'kind' | 'description'>>;

export function createServiceInterface(
  subnetId: string,
  groups: readonly string[],
  { requester, kind, description }: ServiceInterfaceOptions,
  at: Ec2At,
): NetworkInterface {
  const subnet = existingSubnet(subnetId, at);
  const networkInterface: NetworkInterface = {
    id: at.kernel.id('eni-', 17),
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    description,
    address: nextAddress(subnet.cidr, subnet.id, at),
    groups: resolveInterfaceGroups(groups, subnet.vpcId, at),
    requester,
    kind,
  };
  at.state.interfaces.set(networkInterface.id, networkInterface);
  return networkInterface;
}

/** AWS reserves the first four addresses of a subnet and the last one. */
function nextAddress(cidr: string, subnetId: string, at: Ec2At): string {
  const [network, length] = cidr.split('/') as [string, string];
  const usedAddresses = new Set(
    [...at.state.interfaces.values()].filter((other) => other.subnetId === subnetId).map(({ address }) => address),
  );
  const first = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  for (let offset = 4; offset < 2 ** (32 - Number(length)) - 1; offset += 1) {
    const address = [24, 16, 8, 0].map((shift) => ((first + offset) >>> shift) & 255).join('.');
    if (!usedAddresses.has(address)) return address;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `The specified subnet does not have enough free addresses to satisfy the request.`,
  );
}

const describeInterface = (networkInterface: NetworkInterface, at: Ec2At): sdk.NetworkInterface => ({
  NetworkInterfaceId: networkInterface.id,
  SubnetId: networkInterface.subnetId,
  VpcId: networkInterface.vpcId,
  OwnerId: at.account,
  Description: networkInterface.description,
  PrivateIpAddress: networkInterface.address,
  Status: networkInterface.requester ? 'in-use' : 'available',
  InterfaceType: networkInterface.kind ?? 'interface',
  RequesterManaged: networkInterface.requester !== undefined,
  ...(networkInterface.requester && { RequesterId: networkInterface.requester }),
  Groups: networkInterface.groups.map((id) => ({ GroupId: id, GroupName: at.state.groups.get(id)?.name })),
  TagSet: describeTags(networkInterface.id, at),
});
