/**
 * SNS.4 (Config rule sns-topic-no-public-access): the policy of the topic lets in only principals that it names, or
 * that conditions limit to fixed values.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/sns-controls.html#sns-4
 */
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import {
  parseResourcePolicy,
  patternedStatement,
  ResourcePolicy,
  resourcePolicyChangeText,
  withoutPublic,
} from '../../kit/resource-policy.ts';
import { arnOfTopic, ownersPolicy, TOPIC_ARN, topicTags, topicTarget } from '../topic.ts';

export default defineRemediation({
  id: 'sns/close-topic-policies',
  title: 'Close the policy of a topic to the public',
  handles: { controls: ['SNS.4'] },
  risk: 'disruptive',
  target: topicTarget,
  params: z.strictObject({}),
  state: z.strictObject({ policy: ResourcePolicy.nullable() }),
  reads: [
    { actions: ['sns:GetTopicAttributes'], resources: [TOPIC_ARN], because: 'the policy' },
    { actions: ['sns:ListTagsForResource'], resources: [TOPIC_ARN], because: 'who else manages the topic' },
  ],
  writes: [
    {
      actions: ['sns:SetTopicAttributes'],
      resources: [TOPIC_ARN],
      because: 'writes the policy; rollback writes the old one',
    },
  ],
  clients: { sns: SNSClient },
}).by({
  async read({ sns, ...topic }) {
    const answer = sns.send(new GetTopicAttributesCommand({ TopicArn: arnOfTopic(topic) }));
    const found = await orUndefined(answer, 'NotFoundException');
    return found && { policy: parseResourcePolicy(found.Attributes?.Policy) };
  },
  want({ policy }, topic) {
    const patterned = policy && patternedStatement(policy);
    if (patterned) return refused(`${patterned} means somebody by a pattern: name accounts or ARNs without wildcards`);
    return { policy: policy && (withoutPublic(policy) ?? ownersPolicy(arnOfTopic(topic), topic.account)) };
  },
  async write({ sns, ...topic }, _, { policy }) {
    const attribute = { AttributeName: 'Policy', AttributeValue: JSON.stringify(policy) };
    await sns.send(new SetTopicAttributesCommand({ TopicArn: arnOfTopic(topic), ...attribute }));
  },
  tags: ({ sns, ...topic }) => topicTags(sns, arnOfTopic(topic)),
  summary: (from, to) => resourcePolicyChangeText(from.policy, to.policy),
});
