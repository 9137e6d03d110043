/** A load balancer's interfaces in EC2: only the load balancer changes what is on them. */
import type { At } from '../../kernel/kernel.ts';
import { ec2 } from '../ec2/index.ts';
import { attachable, serviceInterface } from '../ec2/network-interfaces.ts';
import type { Ec2, NetworkInterface } from '../ec2/state.ts';
import { subnetWith } from '../ec2/vpcs.ts';
import type { Balancer, BalancerState } from './state.ts';

/** Groups of one load balancer, which no quota raises. */
const GROUPS_A_BALANCER = 5;

/** A request that Elastic Load Balancing calls an invalid configuration. */
export class NetworkRefused extends Error {
  override readonly name = 'NetworkRefused';
}

type Here = At<BalancerState>;

/** Makes one interface in each subnet; answers their ids. */
export function makeInterfaces(
  subnets: readonly string[],
  groups: readonly string[],
  { type, description }: { readonly type: Balancer['type']; readonly description: string },
  at: Here,
): string[] {
  if (subnets.length === 0) throw new NetworkRefused('At least one subnet must be specified');
  const there = ec2At(at);
  const own = type === 'application' && groups.length === 0 ? [defaultGroup(vpcOf(subnets, at), there)] : groups;
  checkNumber(own);
  const kind = type === 'network' ? ('network_load_balancer' as const) : ('interface' as const);
  const options = { requester: 'amazon-elb', kind, description };
  return subnets.map((id) => serviceInterface(id, own, options, there).id);
}

/** Replaces the groups on every interface, all or none. */
export function attachTo(balancer: Balancer, groups: readonly string[], at: Here): void {
  const there = ec2At(at);
  if (groups.length === 0) throw new NetworkRefused('At least one security group must be specified');
  checkNumber(groups);
  const attached = attachable(groups, balancer.vpcId, there);
  for (const one of interfacesOf(balancer, there)) there.state.interfaces.set(one.id, { ...one, groups: attached });
}

export function detach(balancer: Balancer, at: Here): void {
  const { state } = ec2At(at);
  for (const id of balancer.interfaces) state.interfaces.delete(id);
}

export const groupsOf = (balancer: Balancer, at: Here): string[] => [
  ...(interfacesOf(balancer, ec2At(at))[0]?.groups ?? []),
];

export const vpcOf = (subnets: readonly string[], at: Here): string => subnetWith(subnets[0] ?? '', ec2At(at)).vpcId;

function checkNumber(groups: readonly string[]): void {
  if (groups.length > GROUPS_A_BALANCER)
    throw new NetworkRefused('The maximum number of security groups per load balancer has been reached.');
}

const interfacesOf = (balancer: Balancer, { state }: Ec2): NetworkInterface[] =>
  balancer.interfaces.map((id) => state.interfaces.get(id)!);

const defaultGroup = (vpcId: string, { state }: Ec2): string =>
  [...state.groups.values()].find((group) => group.vpcId === vpcId && group.name === 'default')!.id;

const ec2At = (at: Here): Ec2 => ({ ...at, state: at.kernel.state(ec2, at) });
