/**
 * EC2.99: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-99
 * An example: replace it by your own remediation.
 */
import { CreateTagsCommand, DeleteTagsCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { isNamed } from '../../../functions/contract/errors.ts';
import { arn, defineRemediation, type ResourceTags } from '../../../functions/contract/remediation.ts';

export default defineRemediation({
  id: 'service/verb-thing',
  title: 'Name an owner of the security group',
  handles: { controls: ['EC2.99'] },
  risk: 'safe',
  target: arn('AwsEc2SecurityGroup', 'arn:{partition}:ec2:{region}:{account}:security-group/{groupId}', {
    groupId: /sg-(?:[0-9a-f]{8}|[0-9a-f]{17})/,
  }),
  params: z.strictObject({ owner: z.string().min(1).default('nobody') }),
  controlParams: { owner: 'own' },
  state: z.strictObject({ owner: z.string().optional() }),
  reads: [
    { actions: ['ec2:DescribeSecurityGroups'], resources: ['*'], because: 'EC2 takes no resource for Describe*' },
  ],
  writes: [
    {
      actions: ['ec2:CreateTags'],
      resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'],
      because: 'writes the tag',
    },
  ],
  undoes: [
    {
      actions: ['ec2:DeleteTags'],
      resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'],
      because: 'removes the tag',
    },
  ],
  clients: { ec2: EC2Client },
}).by({
  async read({ ec2, target }) {
    const tags = await tagsOf(ec2, target.groupId);
    return tags && { owner: tags.owner };
  },
  want: (state, { params }) => (state.owner === undefined ? { owner: params.owner } : state),
  async write({ ec2, target }, _, { owner }) {
    const Resources = [target.groupId];
    if (owner === undefined) await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'owner' }] }));
    else await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'owner', Value: owner }] }));
  },
  tags: async ({ ec2, target }) => (await tagsOf(ec2, target.groupId)) ?? {},
  summary: (_, { owner }) => (owner === undefined ? 'removed the tag owner' : `tagged it with owner=${owner}`),
});

/** Returns undefined if the group does not exist. */
async function tagsOf(ec2: EC2Client, groupId: string): Promise<ResourceTags | undefined> {
  try {
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [groupId] }));
    return Object.fromEntries((SecurityGroups?.[0]?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  } catch (error) {
    if (isNamed(error, 'InvalidGroup.NotFound')) return undefined;
    throw error;
  }
}
