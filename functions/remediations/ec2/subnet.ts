/** A subnet: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html */
import { DescribeSubnetsCommand, EC2Client, ModifySubnetAttributeCommand, type Subnet } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const SUBNET = 'arn:{partition}:ec2:{region}:{account}:subnet/{subnet}';

export const ec2Subnet = resourceType({
  target: arn('AwsEc2Subnet', SUBNET, { subnet: /subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})/ }),
  clients: { ec2: EC2Client },
  cloudFormation: 'AWS::EC2::Subnet',
  terraform: 'aws_subnet',
  reads: [
    {
      actions: ['ec2:DescribeSubnets'],
      resources: ['*'],
      because: 'its attributes and tags; EC2 takes no resource for Describe*',
    },
  ],
  writes: {
    actions: ['ec2:ModifySubnetAttribute'],
    resources: [SUBNET],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: {
    MapPublicIpOnLaunch: { type: z.boolean(), default: false, terraform: 'map_public_ip_on_launch' },
    AssignIpv6AddressOnCreation: { type: z.boolean(), default: false, terraform: 'assign_ipv6_address_on_creation' },
  },
}).by({
  async find({ ec2, target: { subnet } }): Promise<Subnet | undefined> {
    const answer = ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnet] }));
    return (await orUndefined(answer, 'InvalidSubnetID.NotFound'))?.Subnets?.[0];
  },
  // EC2 changes one attribute a call.
  async change({ ec2, target: { subnet } }, values) {
    for (const [name, Value] of Object.entries(values))
      await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: subnet, [name]: { Value } }));
  },
  tags: ({ Tags }) => tagsOfList(Tags),
});
