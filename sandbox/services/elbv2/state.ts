/** What Elastic Load Balancing holds in one account and Region. Security groups are on the interfaces, in EC2. */
import type { LoadBalancer, LoadBalancerSchemeEnum } from '@aws-sdk/client-elastic-load-balancing-v2';

export type Balancer = {
  readonly arn: string;
  readonly name: string;
  readonly type: 'application' | 'network';
  readonly scheme: LoadBalancerSchemeEnum;
  readonly vpcId: string;
  /** Ids of its network interfaces, one a subnet. */
  readonly interfaces: readonly string[];
  /** Whether it may ever bear security groups. */
  readonly withGroups: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
};

/** By ARN. */
export type BalancerState = { readonly balancers: Map<string, Balancer> };

export const newState = (): BalancerState => ({ balancers: new Map() });

export const shown = (balancer: Balancer, groups: readonly string[]): LoadBalancer => ({
  LoadBalancerArn: balancer.arn,
  LoadBalancerName: balancer.name,
  Type: balancer.type,
  Scheme: balancer.scheme,
  VpcId: balancer.vpcId,
  CreatedTime: new Date(balancer.createdAt),
  State: { Code: 'active' },
  IpAddressType: 'ipv4',
  ...(balancer.withGroups && { SecurityGroups: [...groups] }),
});
