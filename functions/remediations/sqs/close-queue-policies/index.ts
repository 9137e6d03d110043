/**
 * SQS.3 (Config rule sqs-queue-no-public-access): the policy of the queue lets in only principals that it names, or
 * that conditions limit to fixed values.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-3
 */
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import {
  parseResourcePolicy,
  patternedStatement,
  ResourcePolicy,
  resourcePolicyChangeText,
  withoutPublic,
} from '../../kit/resource-policy.ts';
import { QUEUE_ARN, queueTags, queueTarget, urlOfQueue } from '../queue.ts';

export default defineRemediation({
  id: 'sqs/close-queue-policies',
  title: 'Close the policy of a queue to the public',
  handles: { controls: ['SQS.3'] },
  risk: 'disruptive',
  target: queueTarget,
  params: z.strictObject({}),
  state: z.strictObject({ policy: ResourcePolicy.nullable() }),
  reads: [
    { actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], resources: [QUEUE_ARN], because: 'the policy' },
    { actions: ['sqs:ListQueueTags'], resources: [QUEUE_ARN], because: 'who else manages the queue' },
  ],
  writes: [
    { actions: ['sqs:GetQueueUrl'], resources: [QUEUE_ARN], because: 'SQS takes the URL of a queue' },
    {
      actions: ['sqs:SetQueueAttributes'],
      resources: [QUEUE_ARN],
      because: 'writes the policy; rollback writes the old one',
    },
  ],
  clients: { sqs: SQSClient },
}).by({
  async read({ sqs, target }) {
    const QueueUrl = await urlOfQueue(sqs, target.queue);
    if (!QueueUrl) return undefined;
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
    return { policy: parseResourcePolicy(Attributes?.Policy) };
  },
  want({ policy }) {
    const patterned = policy && patternedStatement(policy);
    if (patterned) return refused(`${patterned} means somebody by a pattern: name accounts or ARNs without wildcards`);
    return { policy: policy && withoutPublic(policy) };
  },
  async write({ sqs, target }, _, { policy }) {
    const Attributes = { Policy: policy ? JSON.stringify(policy) : '' };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: await urlOfQueue(sqs, target.queue), Attributes }));
  },
  tags: ({ sqs, target }) => queueTags(sqs, target.queue),
  summary: (from, to) => resourcePolicyChangeText(from.policy, to.policy),
});
