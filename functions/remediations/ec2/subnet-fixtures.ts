/** Subnets for scenarios, each in a VPC with IPv6, created as an administrator of the account. */
import { CreateSubnetCommand, CreateTagsCommand, CreateVpcCommand } from '@aws-sdk/client-ec2';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { tagSpecifications } from './fixtures.ts';
import { ec2Subnet } from './subnet.ts';

export const ec2Subnets = resourceFixture(ec2Subnet, {
  absent: { subnet: 'subnet-0123456789abcdef0' },
  async create({ ec2 }, _context, _values, tags) {
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({ CidrBlock: '10.0.0.0/24', AmazonProvidedIpv6CidrBlock: true }),
    );
    const block = Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;
    const command = new CreateSubnetCommand({
      VpcId: Vpc!.VpcId,
      CidrBlock: '10.0.0.0/24',
      Ipv6CidrBlock: block.replace(/56$/, '64'),
      TagSpecifications: tagSpecifications('subnet', tags),
    });
    return { subnet: (await ec2.send(command)).Subnet!.SubnetId! };
  },
  tag: ({ ec2 }, { target }, tags) =>
    ec2.send(new CreateTagsCommand({ Resources: [target.subnet], Tags: listOfTags(tags) })),
});
