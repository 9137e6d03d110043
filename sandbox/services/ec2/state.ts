/**
 * What EC2 holds in one account and Region. Each starts with a default VPC, as AWS makes it.
 */
import { createHash } from 'node:crypto';
import type { At, AwsPlace } from '../../kernel/kernel.ts';

export type Vpc = { readonly id: string; readonly cidr: string; readonly isDefault: boolean; readonly aclId: string };
export type Subnet = { readonly id: string; readonly vpcId: string; readonly cidr: string; readonly zone: string };
export type Group = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
};
export type Peer =
  | { readonly kind: 'ipv4' | 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefixList'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string; readonly account: string };
export type Rule = {
  readonly id: string;
  readonly groupId: string;
  readonly egress: boolean;
  /** `-1` for all, `tcp`, `udp`, `icmp`, `icmpv6`, or the number of another protocol. */
  readonly protocol: string;
  /** -1 where the protocol has no ports; type and code for ICMP. */
  readonly from: number;
  readonly to: number;
  readonly peer: Peer;
  readonly description?: string;
};
export type NetworkInterface = {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly description: string;
  readonly address: string;
  readonly groups: readonly string[];
  /** The AWS service that made it and alone may change it: `amazon-elb`. */
  readonly requester?: string;
  /** Default: `interface`. */
  readonly kind?: 'interface' | 'network_load_balancer';
};
export type PrefixList = {
  readonly id: string;
  readonly name: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly maxEntries: number;
  readonly version: number;
  readonly state: 'create-complete' | 'modify-complete' | 'restore-complete' | 'modify-failed';
  readonly stateMessage?: string;
  /** Milliseconds since 1970 until which what led to `state` is in progress. */
  readonly settlesAt: number;
  /** Entries of every version, the first one under 1. */
  readonly versions: ReadonlyMap<number, ReadonlyMap<string, string | undefined>>;
};
export type Tags = Readonly<Record<string, string>>;

export type Ec2State = {
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly groups: Map<string, Group>;
  readonly rules: Map<string, Rule>;
  readonly interfaces: Map<string, NetworkInterface>;
  readonly prefixLists: Map<string, PrefixList>;
  /** By the tagged resource's id. */
  readonly tags: Map<string, Tags>;
  /** What a ClientToken made, so that a repeated request makes nothing new. */
  readonly clientTokens: Map<string, string>;
  ebsEncryptionByDefault: boolean;
  snapshotBlockPublicAccess: 'block-all-sharing' | 'block-new-sharing' | 'unblocked';
};

/** EC2 as a running operation sees it. */
export type Ec2 = At<Ec2State>;

/** A new account's EC2 in one Region: the default VPC 172.31.0.0/16, its subnets, network ACL and default security group. */
export function initialState(place: AwsPlace): Ec2State {
  const idOf = (prefix: string, what: string) => `${prefix}${fingerprint(place, what).slice(0, 17)}`;
  const state: Ec2State = {
    vpcs: new Map(),
    subnets: new Map(),
    groups: new Map(),
    rules: new Map(),
    interfaces: new Map(),
    prefixLists: new Map(),
    tags: new Map(),
    clientTokens: new Map(),
    ebsEncryptionByDefault: false,
    snapshotBlockPublicAccess: 'unblocked',
  };
  const vpc = { id: idOf('vpc-', 'vpc'), cidr: '172.31.0.0/16', isDefault: true, aclId: idOf('acl-', 'acl') };
  addVpc(state, vpc, place.account, idOf);
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const id = idOf('subnet-', letter);
    state.subnets.set(id, { id, vpcId: vpc.id, cidr: `172.31.${index * 16}.0/20`, zone: `${place.region}${letter}` });
  }
  return state;
}

/** Adds a VPC with its default security group: everything from itself in, everything out. */
export function addVpc(
  state: Ec2State,
  vpc: Vpc,
  account: string,
  idOf: (prefix: string, what: string) => string,
): void {
  const group = { id: idOf('sg-', 'group'), name: 'default', description: 'default VPC security group', vpcId: vpc.id };
  state.vpcs.set(vpc.id, vpc);
  state.groups.set(group.id, group);
  const everything = { groupId: group.id, protocol: '-1', from: -1, to: -1 };
  const fromItself = { ...everything, id: idOf('sgr-', 'ingress'), egress: false };
  state.rules.set(fromItself.id, { ...fromItself, peer: { kind: 'group', id: group.id, account } });
  const out = outToEverywhere(idOf('sgr-', 'egress'), group.id);
  state.rules.set(out.id, out);
}

/** The rule that every new group starts with. */
export const outToEverywhere = (id: string, groupId: string): Rule => ({
  id,
  groupId,
  egress: true,
  protocol: '-1',
  from: -1,
  to: -1,
  peer: { kind: 'ipv4', cidr: '0.0.0.0/0' },
});

const fingerprint = (place: AwsPlace, what: string): string =>
  createHash('sha256').update([place.partition, place.account, place.region, what].join('/')).digest('hex');
