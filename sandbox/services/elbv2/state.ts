/** Security groups belong to the network interfaces, which are in EC2's state. */
import type { LoadBalancer, LoadBalancerSchemeEnum, ProtocolEnum } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { At } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

export type LoadBalancerRecord = {
  readonly arn: string;
  readonly name: string;
  readonly type: 'application' | 'network';
  readonly scheme: LoadBalancerSchemeEnum;
  readonly vpcId: string;
  readonly interfaces: readonly string[];
  /** False for a Network Load Balancer that was created without security groups: it can never have any. */
  readonly supportsGroups: boolean;
  readonly createdAt: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
};

export type ListenerRecord = {
  readonly arn: string;
  /** The ARN of its load balancer. */
  readonly balancer: string;
  readonly protocol: ProtocolEnum | undefined;
  readonly port: number | undefined;
  readonly certificate: string | undefined;
};

export type Elbv2State = {
  readonly loadBalancers: Map<string, LoadBalancerRecord>;
  readonly listeners: Map<string, ListenerRecord>;
};
export type Elbv2At = At<Elbv2State>;

export const ELBV2: StateKey<Elbv2State> = {
  name: 'elbv2',
  scope: 'region',
  state: () => ({ loadBalancers: new Map(), listeners: new Map() }),
};

export const describeLoadBalancer = (loadBalancer: LoadBalancerRecord, groups: readonly string[]): LoadBalancer => ({
  LoadBalancerArn: loadBalancer.arn,
  LoadBalancerName: loadBalancer.name,
  Type: loadBalancer.type,
  Scheme: loadBalancer.scheme,
  VpcId: loadBalancer.vpcId,
  CreatedTime: new Date(loadBalancer.createdAt),
  State: { Code: 'active' },
  IpAddressType: 'ipv4',
  ...(loadBalancer.supportsGroups && { SecurityGroups: [...groups] }),
});
