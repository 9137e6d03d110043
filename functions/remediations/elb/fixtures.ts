/** Load balancers for scenarios, each in a VPC of its own, created as an administrator of the account. */
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { loadBalancer } from './load-balancer.ts';

const loadBalancersOf = (Type: 'application' | 'network') =>
  resourceFixture(loadBalancer, {
    clients: { elb: ElasticLoadBalancingV2Client, ec2: EC2Client },
    absent: { kind: Type === 'network' ? 'net' : 'app', balancer: 'gone', balancerId: '0123456789abcdef' },
    async create({ elb, ec2 }, { target, region }, _, tags) {
      const Subnets = await twoSubnets(ec2, region);
      const Tags = Object.keys(tags).length > 0 ? listOfTags(tags) : undefined;
      const { LoadBalancers } = await elb.send(
        new CreateLoadBalancerCommand({
          Name: target.balancer,
          Type: target.kind === 'net' ? 'network' : Type,
          Subnets,
          Tags,
        }),
      );
      const [kind, balancer, balancerId] = LoadBalancers![0]!.LoadBalancerArn!.split('/').slice(1);
      return { kind: kind!, balancer: balancer!, balancerId: balancerId! };
    },
    tag: ({ elb }, context, tags) =>
      elb.send(
        new AddTagsCommand({ ResourceArns: [findingResource(loadBalancer, context).Id], Tags: listOfTags(tags) }),
      ),
  });

export const applicationLoadBalancers = loadBalancersOf('application');
export const networkLoadBalancers = loadBalancersOf('network');

async function twoSubnets(ec2: EC2Client, region: string): Promise<string[]> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const subnets = [];
  for (const [n, zone] of ['a', 'b'].entries()) {
    const place = { CidrBlock: `10.0.${n}.0/24`, AvailabilityZone: `${region}${zone}` };
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc!.VpcId!, ...place }));
    subnets.push(Subnet!.SubnetId!);
  }
  return subnets;
}
