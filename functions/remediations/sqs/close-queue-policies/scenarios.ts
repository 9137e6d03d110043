import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient, TagQueueCommand } from '@aws-sdk/client-sqs';
import { type Arrange, defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { arnIn, PUBLIC_POLICIES, statementsText } from '../../kit/policy-scenarios.ts';
import { createQueue } from '../fixtures.ts';
import { urlOfQueue } from '../queue.ts';
import closeQueuePolicies from './index.ts';

type QueueContext = ScenarioContext<{ readonly queue: string }>;

const queueResource = (context: QueueContext) => {
  const Id = arnIn(context, 'sqs', context.target?.queue ?? context.name);
  return { Type: 'AwsSqsQueue', Id, Partition: context.partition, Region: context.region };
};

const policyOf = (name: string, context: QueueContext): string =>
  statementsText(PUBLIC_POLICIES[name]!.statements, 'sqs:SendMessage', queueResource(context).Id);

/** Creates a queue with the policy of this name. */
const queueWith =
  (name: string, tags?: Record<string, string>): Arrange<{ readonly sqs: SQSClient }, { readonly queue: string }> =>
  async ({ sqs }, context) => {
    const QueueName = context.target?.queue ?? context.name;
    await createQueue(sqs, QueueName, { Policy: policyOf(name, context) }, tags);
    return queueResource(context);
  };

const policies = Object.entries(PUBLIC_POLICIES).map(([name, { expected }]) => [
  name,
  { arrange: queueWith(name), expected },
]);

export default defineScenarios(closeQueuePolicies, {
  faulty: queueWith('everybody is let in'),
  async fault({ sqs }, context) {
    const Attributes = { Policy: policyOf('everybody is let in', context) };
    const QueueUrl = await urlOfQueue(sqs, context.target.queue);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  },
  tag: async ({ sqs }, { target }, Tags) =>
    sqs.send(new TagQueueCommand({ QueueUrl: await urlOfQueue(sqs, target.queue), Tags })),
  scenarios: {
    ...Object.fromEntries(policies),
    'everybody is let in, and Terraform manages the queue': {
      arrange: queueWith('everybody is let in', { ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'the queue has no policy': {
      async arrange({ sqs }, context) {
        await sqs.send(new CreateQueueCommand({ QueueName: context.name }));
        return queueResource(context);
      },
      expected: 'COMPLIANT',
    },
    'the queue is gone': { arrange: async (_, context) => queueResource(context), expected: 'COMPLIANT' },
  },
});
