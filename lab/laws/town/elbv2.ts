/** A load balancer with a listener, in a VPC of its own. */
import type { TownBuilder } from './site.ts';

export const buildElbv2: TownBuilder = async ({ call, callOther, region }) => {
  const { Vpc } = await callOther('ec2', 'CreateVpc', { CidrBlock: '10.8.0.0/16' });
  const { VpcId } = Vpc;
  const Subnets: string[] = [];
  for (const [n, zone] of ['a', 'b'].entries()) {
    const subnet = { VpcId, CidrBlock: `10.8.${n}.0/24`, AvailabilityZone: `${region}${zone}` };
    const { Subnet } = await callOther('ec2', 'CreateSubnet', subnet);
    Subnets.push(Subnet.SubnetId);
  }
  const { LoadBalancers } = await call('CreateLoadBalancer', { Name: 'town', Subnets });
  const Attributes = [{ Key: 'idle_timeout.timeout_seconds', Value: '61' }];
  const { LoadBalancerArn } = LoadBalancers[0];
  await call('ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
  const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];
  await call('CreateListener', { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions });
};
