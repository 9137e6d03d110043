/** A topic by its ARN, its tags, and the policy of a topic that nobody else may use. */
import { ListTagsForResourceCommand, type SNSClient } from '@aws-sdk/client-sns';
import { arn, type Place, type ResourceTags } from '../../contract/remediation.ts';
import type { ResourcePolicy } from '../kit/resource-policy.ts';
import { tagsOfList } from '../kit/tag-list.ts';

export const TOPIC_ARN = 'arn:{partition}:sns:{region}:{account}:{topic}';
export const topicTarget = arn('AwsSnsTopic', TOPIC_ARN, { topic: /[\w-]{1,256}|[\w-]{1,251}\.fifo/ });

type TopicContext = Place & { readonly target: { readonly topic: string } };

export const arnOfTopic = ({ partition, region, account, target: { topic } }: TopicContext): string =>
  `arn:${partition}:sns:${region}:${account}:${topic}`;

/** Returns the policy that SNS gives a new topic: a topic always has one. */
export const ownersPolicy = (Resource: string, account: string): ResourcePolicy => {
  const statement = {
    Sid: '__default_statement_ID',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: [
      'SNS:GetTopicAttributes',
      'SNS:SetTopicAttributes',
      'SNS:AddPermission',
      'SNS:RemovePermission',
      'SNS:DeleteTopic',
      'SNS:Subscribe',
      'SNS:ListSubscriptionsByTopic',
      'SNS:Publish',
    ],
    Resource,
    Condition: { StringEquals: { 'AWS:SourceOwner': account } },
  };
  return { Version: '2008-10-17', Id: '__default_policy_ID', Statement: [statement] } as ResourcePolicy;
};

export async function topicTags(sns: SNSClient, ResourceArn: string): Promise<ResourceTags> {
  const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn }));
  return tagsOfList(Tags);
}
