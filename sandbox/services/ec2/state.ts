import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-ec2';
import type { At, AwsPlace } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

export type Vpc = {
  readonly id: string;
  readonly cidr: string;
  readonly ipv6Cidr?: string;
  readonly isDefault: boolean;
  readonly aclId: string;
};
export type Subnet = {
  readonly id: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly ipv6Cidr?: string;
  readonly mapPublicIpOnLaunch: boolean;
  readonly assignIpv6AddressOnCreation: boolean;
};
export type NetworkAcl = {
  readonly id: string;
  readonly vpcId: string;
  readonly isDefault: boolean;
  /** By direction and number: `ingress 100`. */
  readonly entries: ReadonlyMap<string, sdk.NetworkAclEntry>;
};
export type SecurityGroup = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
};
export type RulePeer =
  | { readonly kind: 'ipv4' | 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefixList'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string; readonly account: string };
export type RuleDirection = 'ingress' | 'egress';
export type SecurityGroupRule = {
  readonly id: string;
  readonly groupId: string;
  readonly direction: RuleDirection;
  /** `-1` (all), `tcp`, `udp`, `icmp`, `icmpv6`, or another protocol's number. */
  readonly protocol: string;
  /** First port, or ICMP type; -1 for a protocol without ports. */
  readonly from: number;
  /** Last port, or ICMP code; -1 for a protocol without ports. */
  readonly to: number;
  readonly peer: RulePeer;
  readonly description?: string;
};
export type NetworkInterface = {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly description: string;
  readonly address: string;
  readonly groups: readonly string[];
  /** The AWS service that created it, such as `amazon-elb`; only this service can change it. */
  readonly requester?: string;
  readonly kind?: 'interface' | 'network_load_balancer';
};
export type ManagedPrefixList = {
  readonly id: string;
  readonly name: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly maxEntries: number;
  readonly version: number;
  readonly state: 'create-complete' | 'modify-complete' | 'restore-complete' | 'modify-failed';
  readonly stateMessage?: string;
  readonly settlesAt: number;
  readonly versions: ReadonlyMap<number, ReadonlyMap<string, string | undefined>>;
};
export type Ec2Tags = Readonly<Record<string, string>>;

/** A resource that is shown as it is stored, with its id and tags. */
export type PlainEc2Record<R> = { readonly id: string; readonly fields: R };
/** `sharedWith` has the accounts with launch permissions, and `all` for everybody. */
export type MachineImage = PlainEc2Record<sdk.Image> & { readonly sharedWith: readonly string[] };
export type EbsSnapshot = PlainEc2Record<sdk.Snapshot> & { readonly sharedWith: readonly string[] };
/** A change that AWS makes by itself ends at `settlesAt`. */
export type Ec2Instance = PlainEc2Record<sdk.Instance> & { readonly reservation: string; readonly settlesAt: number };
export type TransitGateway = PlainEc2Record<sdk.TransitGateway> & { readonly settlesAt: number };

export type Ec2State = {
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly groups: Map<string, SecurityGroup>;
  readonly rules: Map<string, SecurityGroupRule>;
  readonly interfaces: Map<string, NetworkInterface>;
  readonly prefixLists: Map<string, ManagedPrefixList>;
  readonly acls: Map<string, NetworkAcl>;
  readonly volumes: Map<string, PlainEc2Record<sdk.Volume>>;
  readonly snapshots: Map<string, EbsSnapshot>;
  readonly images: Map<string, MachineImage>;
  readonly instances: Map<string, Ec2Instance>;
  readonly flowLogs: Map<string, PlainEc2Record<sdk.FlowLog>>;
  readonly transitGateways: Map<string, TransitGateway>;
  readonly tags: Map<string, Ec2Tags>;
  /** By ClientToken, which makes a repeated request idempotent. */
  readonly clientTokens: Map<string, string>;
  ebsEncryptionByDefault: boolean;
  snapshotBlockPublicAccess: 'block-all-sharing' | 'block-new-sharing' | 'unblocked';
  imageBlockPublicAccess: 'block-new-sharing' | 'unblocked';
};

export const EC2: StateKey<Ec2State> = { name: 'ec2', scope: 'region', state: newEc2State };

export type Ec2At = At<Ec2State>;

/** Returns the state of a new account: a default VPC with subnets, a network ACL and a default security group. */
function newEc2State(place: AwsPlace): Ec2State {
  const idOf = (prefix: string, what: string) => `${prefix}${fingerprint(place, what).slice(0, 17)}`;
  const state: Ec2State = {
    vpcs: new Map(),
    subnets: new Map(),
    groups: new Map(),
    rules: new Map(),
    interfaces: new Map(),
    prefixLists: new Map(),
    acls: new Map(),
    volumes: new Map(),
    snapshots: new Map(),
    images: new Map(),
    instances: new Map(),
    flowLogs: new Map(),
    transitGateways: new Map(),
    tags: new Map(),
    clientTokens: new Map(),
    ebsEncryptionByDefault: false,
    snapshotBlockPublicAccess: 'unblocked',
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
    imageBlockPublicAccess: 'block-new-sharing',
  };
  const vpc = { id: idOf('vpc-', 'vpc'), cidr: '172.31.0.0/16', isDefault: true, aclId: idOf('acl-', 'acl') };
  addVpc(state, vpc, place.account, idOf);
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const id = idOf('subnet-', letter);
    const cidr = `172.31.${index * 16}.0/20`;
    const zone = `${place.region}${letter}`;
    state.subnets.set(id, {
      id,
      vpcId: vpc.id,
      cidr,
      zone,
      mapPublicIpOnLaunch: true,
      assignIpv6AddressOnCreation: false,
    });
  }
  return state;
}

/** The default security group allows all traffic from itself, and all traffic out. */
export function addVpc(
  state: Ec2State,
  vpc: Vpc,
  account: string,
  idOf: (prefix: string, what: string) => string,
): void {
  const group = { id: idOf('sg-', 'group'), name: 'default', description: 'default VPC security group', vpcId: vpc.id };
  state.vpcs.set(vpc.id, vpc);
  state.groups.set(group.id, group);
  state.acls.set(vpc.aclId, { id: vpc.aclId, vpcId: vpc.id, isDefault: true, entries: aclEntries(true) });
  const everything = { groupId: group.id, protocol: '-1', from: -1, to: -1 };
  const fromItself = { ...everything, id: idOf('sgr-', 'ingress'), direction: 'ingress' as const };
  state.rules.set(fromItself.id, { ...fromItself, peer: { kind: 'group', id: group.id, account } });
  const out = allowAllEgress(idOf('sgr-', 'egress'), group.id);
  state.rules.set(out.id, out);
}

export const allowAllEgress = (id: string, groupId: string): SecurityGroupRule => ({
  id,
  groupId,
  direction: 'egress',
  protocol: '-1',
  from: -1,
  to: -1,
  peer: { kind: 'ipv4', cidr: '0.0.0.0/0' },
});

/** Entry 100 allows all traffic, in a default ACL only; the last entry, 32767, denies the rest. */
export function aclEntries(isDefault: boolean): NetworkAcl['entries'] {
  const entries = [false, true].flatMap((Egress) => {
    const all = { Egress, Protocol: '-1', CidrBlock: '0.0.0.0/0' };
    const last = { ...all, RuleNumber: 32_767, RuleAction: 'deny' as const };
    return isDefault ? [{ ...all, RuleNumber: 100, RuleAction: 'allow' as const }, last] : [last];
  });
  return new Map(entries.map((entry) => [aclEntryName(entry), entry]));
}

export const aclEntryName = ({ Egress, RuleNumber }: Pick<sdk.NetworkAclEntry, 'Egress' | 'RuleNumber'>): string =>
  `${Egress ? 'egress' : 'ingress'} ${RuleNumber}`;

const fingerprint = (place: AwsPlace, what: string): string =>
  createHash('sha256').update([place.partition, place.account, place.region, what].join('/')).digest('hex');
