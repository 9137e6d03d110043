/** What stands around the data: nobody without TLS, alarms that reach people, and a destructive change from plan to journal. */
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../bin/approvals/api.ts';
import { parsePolicy } from '../../sandbox/iam/policy.ts';
import { type Pipeline, startPipeline } from './support/pipeline.ts';
import { POLICY } from './support/policy.ts';

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

const ACCOUNTS = ['securityAccount', 'serviceAccount'] as const;
const settings = (account: (typeof ACCOUNTS)[number]) => suture.sandbox.administrator(suture.context[account]);

type Guarded = { readonly arn: string; readonly policy: string };

async function queues(account: (typeof ACCOUNTS)[number]): Promise<Guarded[]> {
  const sqs = new SQSClient(settings(account));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'suture-' }));
  return Promise.all(
    QueueUrls.map(async (QueueUrl) => {
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'Policy'] });
      const { Attributes } = await sqs.send(asked);
      return { arn: Attributes!.QueueArn!, policy: Attributes!.Policy! };
    }),
  );
}
async function topics(account: (typeof ACCOUNTS)[number]): Promise<Guarded[]> {
  const sns = new SNSClient(settings(account));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  return Promise.all(
    Topics.map(async ({ TopicArn }) => {
      const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
      return { arn: TopicArn!, policy: Attributes!.Policy! };
    }),
  );
}

describe.each(ACCOUNTS)('in the %s', (account) => {
  it('no queue and no topic takes anything without TLS, not from its administrator either', async () => {
    const { kernel, context } = suture;
    const place = { partition: context.partition, account: context[account], region: context.homeRegion };
    const administrator = kernel.administrator!(context[account]);
    const guarded = [...(await queues(account)), ...(await topics(account))];
    expect(guarded.length).toBeGreaterThan(0);
    for (const { arn, policy } of guarded) {
      const action = arn.includes(':sqs:') ? 'sqs:SendMessage' : 'sns:Publish';
      const ask = (tls: string) =>
        kernel.authorize(administrator, place, {
          action,
          resource: arn,
          resourcePolicy: parsePolicy(policy, 'resource'),
          context: { 'aws:SecureTransport': tls },
        });
      expect(() => ask('false'), arn).toThrow(/explicit deny in a resource-based policy/);
      expect(ask('true').decision).toBe('Allow');
    }
  });

  it('an alarm reaches who subscribes to the topic', async () => {
    const [cloudWatch, sns, sqs] = [CloudWatchClient, SNSClient, SQSClient].map(
      (Client) => new Client(settings(account) as never),
    ) as [CloudWatchClient, SNSClient, SQSClient];
    const { homeRegion } = suture.context;
    const TopicArn = `arn:aws:sns:${homeRegion}:${suture.context[account]}:suture-alarms`;
    const arn = `arn:aws:sqs:${homeRegion}:${suture.context[account]}:people`;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arn,
          Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
        },
      ],
    });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'people', Attributes: { Policy } }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn }));
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'suture-' }));
    const { AlarmName } = MetricAlarms![0]!;
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a trial' }));
    await suture.sandbox.settled();
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages.map(({ Body }) => Body)).toEqual([expect.stringContaining(AlarmName!)]);
  });
});

describe('a destructive remediation', () => {
  it('waits for a person, whatever policy gives it, and then keeps what was before', async () => {
    await suture.setPolicy({ ...POLICY, controls: { 'IAM.22': 'approve' } });
    const finding = await suture.arrange('IAM.22');
    const [trace] = await suture.deal(finding);
    expect(trace.outcome).toBe('WAITING');
    const api = await approvalApi(new LambdaClient(settings('securityAccount')));
    const [waiting] = await api.list();
    await api.answer(waiting!.id, { answer: 'approve', reason: 'nobody uses it' });
    await suture.sandbox.settled();
    expect(suture.execution(trace.execution!.arn).status).toBe('SUCCEEDED');
    const [entry] = await suture.journal('iam/disable-unused-credentials', finding);
    expect(entry).toMatchObject({ status: 'done', before: { keys: [{ status: 'Active' }] } });
  });
});
