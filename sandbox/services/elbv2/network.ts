/** Only the load balancer changes the security groups of its interfaces in EC2. */
import { createServiceInterface, resolveInterfaceGroups } from '../ec2/network-interfaces.ts';
import { EC2, type Ec2At, type NetworkInterface } from '../ec2/state.ts';
import { existingSubnet } from '../ec2/vpcs.ts';
import type { Elbv2At, LoadBalancerRecord } from './state.ts';

/** A fixed limit, not a quota. */
const MAX_GROUPS_PER_LOAD_BALANCER = 5;

export class InvalidNetworkError extends Error {
  override readonly name = 'InvalidNetworkError';
}

export function createInterfaces(
  subnets: readonly string[],
  groups: readonly string[],
  { type, description }: { readonly type: LoadBalancerRecord['type']; readonly description: string },
  at: Elbv2At,
): string[] {
  if (subnets.length === 0) throw new InvalidNetworkError('At least one subnet must be specified');
  const ec2 = ec2At(at);
  const effectiveGroups =
    type === 'application' && groups.length === 0 ? [defaultGroup(vpcOfSubnets(subnets, at), ec2)] : groups;
  checkGroupCount(effectiveGroups);
  const kind = type === 'network' ? ('network_load_balancer' as const) : ('interface' as const);
  const options = { requester: 'amazon-elb', kind, description };
  return subnets.map((id) => createServiceInterface(id, effectiveGroups, options, ec2).id);
}

export function setInterfaceGroups(loadBalancer: LoadBalancerRecord, groups: readonly string[], at: Elbv2At): void {
  const ec2 = ec2At(at);
  if (groups.length === 0) throw new InvalidNetworkError('At least one security group must be specified');
  checkGroupCount(groups);
  const attached = resolveInterfaceGroups(groups, loadBalancer.vpcId, ec2);
  for (const networkInterface of interfacesOf(loadBalancer, ec2))
    ec2.state.interfaces.set(networkInterface.id, { ...networkInterface, groups: attached });
}

export function deleteInterfaces(loadBalancer: LoadBalancerRecord, at: Elbv2At): void {
  const { state } = ec2At(at);
  for (const id of loadBalancer.interfaces) state.interfaces.delete(id);
}

export const loadBalancerGroups = (loadBalancer: LoadBalancerRecord, at: Elbv2At): string[] => [
  ...(interfacesOf(loadBalancer, ec2At(at))[0]?.groups ?? []),
];

export const vpcOfSubnets = (subnets: readonly string[], at: Elbv2At): string =>
  existingSubnet(subnets[0] ?? '', ec2At(at)).vpcId;

function checkGroupCount(groups: readonly string[]): void {
  if (groups.length > MAX_GROUPS_PER_LOAD_BALANCER)
    throw new InvalidNetworkError('The maximum number of security groups per load balancer has been reached.');
}

const interfacesOf = (loadBalancer: LoadBalancerRecord, { state }: Ec2At): NetworkInterface[] =>
  loadBalancer.interfaces.map((id) => state.interfaces.get(id)!);

const defaultGroup = (vpcId: string, { state }: Ec2At): string =>
  [...state.groups.values()].find((group) => group.vpcId === vpcId && group.name === 'default')!.id;

const ec2At = (at: Elbv2At): Ec2At => ({ ...at, state: at.kernel.state(EC2, at) });
