import { CreateTopicCommand, SetTopicAttributesCommand, type SNSClient, TagResourceCommand } from '@aws-sdk/client-sns';
import { type Arrange, defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { arnIn, PUBLIC_POLICIES, statementsText } from '../../kit/policy-scenarios.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import closeTopicPolicies from './index.ts';

type TopicContext = ScenarioContext<{ readonly topic: string }>;

const topicResource = (context: TopicContext) => {
  const Id = arnIn(context, 'sns', context.target?.topic ?? context.name);
  return { Type: 'AwsSnsTopic', Id, Partition: context.partition, Region: context.region };
};

const policyOf = (name: string, context: TopicContext): string =>
  statementsText(PUBLIC_POLICIES[name]!.statements, 'sns:Publish', topicResource(context).Id);

/** Creates a topic with the policy of this name. */
const topicWith =
  (name: string, tags = {}): Arrange<{ readonly sns: SNSClient }, { readonly topic: string }> =>
  async ({ sns }, context) => {
    const Name = context.target?.topic ?? context.name;
    const Attributes = { Policy: policyOf(name, context) };
    await sns.send(new CreateTopicCommand({ Name, Attributes, Tags: listOfTags(tags) }));
    return topicResource(context);
  };

const policies = Object.entries(PUBLIC_POLICIES).map(([name, { expected }]) => [
  name,
  { arrange: topicWith(name), expected },
]);

export default defineScenarios(closeTopicPolicies, {
  faulty: topicWith('everybody is let in'),
  fault: ({ sns }, context) => {
    const policy = { AttributeName: 'Policy', AttributeValue: policyOf('everybody is let in', context) };
    return sns.send(new SetTopicAttributesCommand({ TopicArn: topicResource(context).Id, ...policy }));
  },
  tag: ({ sns }, context, tags) =>
    sns.send(new TagResourceCommand({ ResourceArn: topicResource(context).Id, Tags: listOfTags(tags) })),
  scenarios: {
    ...Object.fromEntries(policies),
    'everybody is let in, and Terraform manages the topic': {
      arrange: topicWith('everybody is let in', { ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'the topic is gone': { arrange: async (_, context) => topicResource(context), expected: 'COMPLIANT' },
  },
});
