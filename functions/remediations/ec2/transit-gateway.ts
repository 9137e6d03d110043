/** A transit gateway: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGateway.html */
import { DescribeTransitGatewaysCommand, EC2Client, ModifyTransitGatewayCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const GATEWAY = 'arn:{partition}:ec2:{region}:{account}:transit-gateway/{gateway}';

export const transitGateway = resourceType({
  target: arn('AwsEc2TransitGateway', GATEWAY, { gateway: /tgw-[0-9a-f]{17}/ }),
  clients: { ec2: EC2Client },
  cloudFormation: 'AWS::EC2::TransitGateway',
  terraform: 'aws_ec2_transit_gateway',
  reads: [
    {
      actions: ['ec2:DescribeTransitGateways'],
      resources: ['*'],
      because: 'its options, state and tags; EC2 takes no resource for Describe*',
    },
  ],
  writes: {
    actions: ['ec2:ModifyTransitGateway'],
    resources: [GATEWAY],
    because: 'sets the option; rollback sets it back',
  },
  attributes: {
    AutoAcceptSharedAttachments: {
      type: z.enum(['enable', 'disable']),
      default: 'disable',
      terraform: 'auto_accept_shared_attachments',
    },
  },
  busyErrors: ['IncorrectState'],
  settleSeconds: 600,
}).by({
  async find({ ec2, target: { gateway } }) {
    const answer = ec2.send(new DescribeTransitGatewaysCommand({ TransitGatewayIds: [gateway] }));
    const found = (await orUndefined(answer, 'InvalidTransitGatewayID.NotFound'))?.TransitGateways?.[0];
    return found?.State === 'deleted' ? undefined : found && { ...found, ...found.Options };
  },
  change: ({ ec2, target: { gateway } }, Options) =>
    ec2.send(new ModifyTransitGatewayCommand({ TransitGatewayId: gateway, Options })),
  tags: ({ Tags }) => tagsOfList(Tags),
  obstacle: ({ State }) => (State === 'deleting' ? 'it is being deleted' : undefined),
  busy: ({ State }) => (State === 'available' ? undefined : `its state is ${State}`),
});
