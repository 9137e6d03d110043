/**
 * Network interfaces, as far as security groups are attached to them.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { quotaIn } from '../service-quotas/index.ts';
import { needOn, needOnGroup } from './needs.ts';
import { changes, checkShape, described, type Ec2Operations, filtered, reads } from './requests.ts';
import { groupIn } from './security-groups.ts';
import type { Ec2, NetworkInterface } from './state.ts';
import { tagNew, tagsOf } from './tags.ts';
import { subnetWith } from './vpcs.ts';

export const networkInterfaceOperations: Ec2Operations = {
  CreateNetworkInterface: changes(
    'CreateNetworkInterface',
    ['SubnetId', 'Groups', 'Description', 'TagSpecifications', 'ClientToken'],
    (input, at) => [
      needOn('CreateNetworkInterface', 'network-interface', '*', at, at.state.subnets.get(input.SubnetId ?? '')?.vpcId),
      needOn(
        'CreateNetworkInterface',
        'subnet',
        input.SubnetId ?? '*',
        at,
        at.state.subnets.get(input.SubnetId ?? '')?.vpcId,
      ),
      ...(input.Groups ?? []).map((id) => needOnGroup('CreateNetworkInterface', id, at)),
    ],
    (input, at) => {
      const known = at.state.interfaces.get(at.state.clientTokens.get(input.ClientToken ?? '') ?? '');
      if (known) return { NetworkInterface: shown(known, at), ClientToken: input.ClientToken };
      const subnet = subnetWith(input.SubnetId ?? '', at);
      const made: NetworkInterface = {
        id: at.kernel.id('eni-', 17),
        subnetId: subnet.id,
        vpcId: subnet.vpcId,
        description: input.Description ?? '',
        address: nextAddress(subnet.cidr, subnet.id, at),
        groups: attachable(input.Groups?.length ? input.Groups : [defaultGroup(subnet.vpcId, at)], subnet.vpcId, at),
      };
      at.state.interfaces.set(made.id, made);
      if (input.ClientToken) at.state.clientTokens.set(input.ClientToken, made.id);
      tagNew(made.id, input.TagSpecifications, at);
      return { NetworkInterface: shown(made, at), ClientToken: input.ClientToken };
    },
  ),
  DeleteNetworkInterface: changes(
    'DeleteNetworkInterface',
    ['NetworkInterfaceId'],
    (input, at) => [needOnInterface('DeleteNetworkInterface', input.NetworkInterfaceId, at)],
    (input, at) => {
      const { id, requester } = interfaceWith(input.NetworkInterfaceId ?? '', at);
      if (requester) throw notYours();
      at.state.interfaces.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  ModifyNetworkInterfaceAttribute: changes(
    'ModifyNetworkInterfaceAttribute',
    ['NetworkInterfaceId', 'Groups', 'Description'],
    (input, at) => [
      needOnInterface('ModifyNetworkInterfaceAttribute', input.NetworkInterfaceId, at),
      ...(input.Groups ?? []).map((id) => needOnGroup('ModifyNetworkInterfaceAttribute', id, at)),
    ],
    (input, at) => {
      const old = interfaceWith(input.NetworkInterfaceId ?? '', at);
      if (old.requester) throw notYours();
      at.state.interfaces.set(old.id, {
        ...old,
        ...(input.Groups && { groups: attachable(input.Groups, old.vpcId, at) }),
        ...(input.Description && { description: input.Description.Value ?? '' }),
      });
      return {};
    },
  ),
  DescribeNetworkInterfaces: reads(
    'DescribeNetworkInterfaces',
    ['NetworkInterfaceIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const asked = input.NetworkInterfaceIds?.length
        ? input.NetworkInterfaceIds.map((id) => interfaceWith(id, at))
        : at.state.interfaces.values();
      const page = described(
        filtered(
          asked,
          input.Filters,
          {
            'network-interface-id': (one) => one.id,
            'group-id': (one) => one.groups,
            'subnet-id': (one) => one.subnetId,
            'vpc-id': (one) => one.vpcId,
            description: (one) => one.description,
            'interface-type': (one) => one.kind ?? 'interface',
            'requester-id': (one) => one.requester,
            'requester-managed': (one) => String(one.requester !== undefined),
          },
          at,
        ),
        input,
      );
      return { NetworkInterfaces: page.items.map((one) => shown(one, at)), NextToken: page.nextToken };
    },
  ),
};

function interfaceWith(id: string, at: Ec2): NetworkInterface {
  checkShape(id, 'eni-', 'InvalidNetworkInterfaceId.Malformed');
  const found = at.state.interfaces.get(id);
  if (!found)
    throw new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
  return found;
}

const needOnInterface = (action: string, id: string | undefined, at: Ec2) =>
  needOn(action, 'network-interface', id ?? '*', at, at.state.interfaces.get(id ?? '')?.vpcId);

/** Interfaces of load balancers and the like show no other reason than that. */
const notYours = (): AwsError =>
  new AwsError('AuthFailure', 'You do not have permission to access the specified resource.', 403);

/**
 * The groups that an interface of this VPC may bear.
 * @throws AwsError SecurityGroupsPerInterfaceLimitExceeded, InvalidGroup.NotFound
 */
export function attachable(groups: readonly string[], vpcId: string, at: Ec2): string[] {
  if (groups.length > quotaIn(at.kernel, at, 'vpc/L-2AFB9258')) {
    throw new AwsError(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  }
  return [...new Set(groups)].map((GroupId) => {
    const group = groupIn({ GroupId }, at);
    if (group.vpcId === vpcId) return group.id;
    throw new AwsError('InvalidGroup.NotFound', `The security group '${GroupId}' does not exist in VPC '${vpcId}'`);
  });
}

const defaultGroup = (vpcId: string, at: Ec2): string =>
  [...at.state.groups.values()].find((group) => group.vpcId === vpcId && group.name === 'default')!.id;

type ServiceInterface = Required<Pick<NetworkInterface, 'requester' | 'kind' | 'description'>>;

/** An interface that a service makes in a subnet and keeps to itself. */
export function serviceInterface(
  subnetId: string,
  groups: readonly string[],
  { requester, kind, description }: ServiceInterface,
  at: Ec2,
): NetworkInterface {
  const subnet = subnetWith(subnetId, at);
  const made: NetworkInterface = {
    id: at.kernel.id('eni-', 17),
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    description,
    address: nextAddress(subnet.cidr, subnet.id, at),
    groups: attachable(groups, subnet.vpcId, at),
    requester,
    kind,
  };
  at.state.interfaces.set(made.id, made);
  return made;
}

/** AWS keeps the first four addresses of a subnet and the last one for itself. */
function nextAddress(cidr: string, subnetId: string, at: Ec2): string {
  const [network, length] = cidr.split('/') as [string, string];
  const taken = new Set(
    [...at.state.interfaces.values()].filter((one) => one.subnetId === subnetId).map((one) => one.address),
  );
  const first = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  for (let offset = 4; offset < 2 ** (32 - Number(length)) - 1; offset += 1) {
    const address = [24, 16, 8, 0].map((shift) => ((first + offset) >>> shift) & 255).join('.');
    if (!taken.has(address)) return address;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `The specified subnet does not have enough free addresses to satisfy the request.`,
  );
}

const shown = (one: NetworkInterface, at: Ec2): sdk.NetworkInterface => ({
  NetworkInterfaceId: one.id,
  SubnetId: one.subnetId,
  VpcId: one.vpcId,
  OwnerId: at.account,
  Description: one.description,
  PrivateIpAddress: one.address,
  Status: one.requester ? 'in-use' : 'available',
  InterfaceType: one.kind ?? 'interface',
  RequesterManaged: one.requester !== undefined,
  ...(one.requester && { RequesterId: one.requester }),
  Groups: one.groups.map((id) => ({ GroupId: id, GroupName: at.state.groups.get(id)?.name })),
  TagSet: tagsOf(one.id, at),
});
