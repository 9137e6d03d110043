/** An instance's metadata options: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsResponse.html */
import { DescribeInstancesCommand, EC2Client, ModifyInstanceMetadataOptionsCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const INSTANCE = 'arn:{partition}:ec2:{region}:{account}:instance/{instance}';

export const ec2Instance = resourceType({
  target: arn('AwsEc2Instance', INSTANCE, { instance: /i-(?:[0-9a-f]{8}|[0-9a-f]{17})/ }),
  clients: { ec2: EC2Client },
  cloudFormation: 'AWS::EC2::Instance',
  terraform: 'aws_instance',
  reads: [
    {
      actions: ['ec2:DescribeInstances'],
      resources: ['*'],
      because: 'its metadata options, state and tags; EC2 takes no resource for Describe*',
    },
  ],
  writes: {
    actions: ['ec2:ModifyInstanceMetadataOptions'],
    resources: [INSTANCE],
    because: 'sets the option; rollback sets it back',
  },
  attributes: {
    HttpTokens: {
      type: z.enum(['optional', 'required']),
      default: 'optional',
      cloudFormation: 'MetadataOptions.HttpTokens',
      terraform: 'metadata_options.http_tokens',
    },
  },
  busyErrors: ['IncorrectInstanceState'],
}).by({
  async find({ ec2, target: { instance } }) {
    const answer = ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance] }));
    const found = (await orUndefined(answer, 'InvalidInstanceID.NotFound'))?.Reservations?.[0]?.Instances?.[0];
    const isGone = found?.State?.Name === 'terminated' || found?.State?.Name === 'shutting-down';
    return isGone ? undefined : found && { ...found, HttpTokens: found.MetadataOptions?.HttpTokens };
  },
  change: ({ ec2, target: { instance } }, options) =>
    ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instance, ...options })),
  tags: ({ Tags }) => tagsOfList(Tags),
  busy: ({ MetadataOptions }) =>
    MetadataOptions?.State === 'pending' ? 'its metadata options are pending' : undefined,
});
