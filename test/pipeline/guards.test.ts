/**
 * Guards around the data: TLS, the organization's boundary, alarms that reach people, and approval of destructive
 * changes.
 */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { GetBucketPolicyCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand, ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { startPlaces } from '../../lab/organization/optional-stacks.ts';
import { parseIamPolicy } from '../../sandbox/authorization/policy.ts';
import type { FaultRule, Principal } from '../../sandbox/kernel/kernel.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { assumeRoleNeed } from '../../sandbox/services/sts/assume.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
let places: Awaited<ReturnType<typeof startPlaces>>;
beforeAll(async () => {
  places = await startPlaces();
  suture = await startPipeline(places.options);
  await suture.pauseSchedules();
});
afterAll(async () => {
  await suture.sandbox.close();
  await places.close();
});

const PLACES = {
  'the security account': ({ securityAccount, homeRegion }: SutureContext) => [securityAccount, homeRegion],
  'the service account': ({ serviceAccount, homeRegion }: SutureContext) => [serviceAccount, homeRegion],
  'the Region of the updater of security groups': ({ securityAccount, ipRanges }: SutureContext) => [
    securityAccount,
    ipRanges!.region!,
  ],
} as const;
type GuardedPlace = { readonly account: string; readonly region: string };
const settings = ({ account, region }: GuardedPlace) => suture.sandbox.administrator(account, region);

type GuardedResource = { readonly arn: string; readonly policy: string };

async function queues(place: GuardedPlace): Promise<GuardedResource[]> {
  const sqs = new SQSClient(settings(place));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'suture-' }));
  return Promise.all(
    QueueUrls.map(async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'Policy'] });
      const { Attributes } = await sqs.send(command);
      return { arn: Attributes!.QueueArn!, policy: Attributes!.Policy! };
    }),
  );
}
async function topics(place: GuardedPlace): Promise<GuardedResource[]> {
  const sns = new SNSClient(settings(place));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  return Promise.all(
    Topics.map(async ({ TopicArn }) => {
      const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
      return { arn: TopicArn!, policy: Attributes!.Policy! };
    }),
  );
}
async function buckets(place: GuardedPlace): Promise<GuardedResource[]> {
  const s3 = new S3Client(settings(place));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: 'suture-', BucketRegion: place.region }));
  return Promise.all(
    Buckets.map(async ({ Name: Bucket }) => {
      const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
      return { arn: `arn:aws:s3:::${Bucket}`, policy: Policy! };
    }),
  );
}
const TLS_ACTIONS: Readonly<Record<string, string>> = {
  sqs: 'sqs:ReceiveMessage',
  sns: 'sns:Publish',
  s3: 's3:ListBucket',
};

describe.each(Object.entries(PLACES))('in %s', (_, accountAndRegion) => {
  const placeOf = (): GuardedPlace => {
    const [account, region] = accountAndRegion(suture.context) as [string, string];
    return { account, region };
  };

  it('every queue, topic and bucket denies requests without TLS, even by an administrator', async () => {
    const { kernel, context } = suture;
    const place = { partition: context.partition, ...placeOf() };
    const administrator = kernel.administrator!(place.account);
    const guarded = [...(await queues(place)), ...(await topics(place)), ...(await buckets(place))];
    expect(guarded.length).toBeGreaterThan(0);
    for (const { arn, policy } of guarded) {
      const action = TLS_ACTIONS[arn.split(':')[2]!]!;
      const authorize = (tls: string) =>
        kernel.authorize(administrator, place, {
          action,
          resource: arn,
          resourcePolicy: parseIamPolicy(policy, 'resource'),
          context: { 'aws:SecureTransport': tls },
        });
      expect(() => authorize('false'), arn).toThrow(/explicit deny in a resource-based policy/);
      expect(authorize('true').decision).toBe('Allow');
    }
  });

  it('an alarm reaches the subscribers of the topic', async () => {
    const [cloudWatch, sns, sqs] = [CloudWatchClient, SNSClient, SQSClient].map(
      (Client) => new Client(settings(placeOf()) as never),
    ) as [CloudWatchClient, SNSClient, SQSClient];
    const { account, region } = placeOf();
    const TopicArn = `arn:aws:sns:${region}:${account}:suture-alarms`;
    const arn = `arn:aws:sqs:${region}:${account}:people`;
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

describe('the keys', () => {
  it.each(Object.entries(PLACES))(
    'of %s are enabled, and administrators of the account can read them',
    async (_, accountAndRegion) => {
      const [account, region] = accountAndRegion(suture.context) as [string, string];
      const kms = new KMSClient(settings({ account, region }));
      const { Aliases } = await kms.send(new ListAliasesCommand({}));
      const own = Aliases!.filter(({ AliasName }) => AliasName!.startsWith('alias/suture'));
      expect(own).not.toEqual([]);
      for (const { TargetKeyId } of own)
        expect((await kms.send(new DescribeKeyCommand({ KeyId: TargetKeyId }))).KeyMetadata!.Enabled).toBe(true);
    },
  );
});

describe('events that cannot be delivered', () => {
  const home = () => ({ account: suture.context.securityAccount, region: suture.context.homeRegion });
  const deadLetters = async (name: string) => {
    const sqs = new SQSClient(settings(home()));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    return Messages.map(({ Body }) => Body!);
  };
  const denied = (which: (input: any) => boolean) => [
    ({ operation, principal, input }: Parameters<FaultRule>[0]) =>
      principal.kind === 'service' && /^(SendMessage|Invoke)$/.test(operation) && which(input)
        ? ({ kind: 'error', code: 'AccessDeniedException', status: 403 } as const)
        : undefined,
  ];

  it('of failed executions go to their dead-letter queue', async () => {
    const { kernel, context } = suture;
    const executionArn = `${stateMachineArn(context).replace(':stateMachine:', ':execution:')}:nobody`;
    const detail = { stateMachineArn: stateMachineArn(context), executionArn, startDate: 1, status: 'FAILED' };
    await suture.withFaults(
      denied(({ QueueUrl = '' }) => QueueUrl.endsWith('/suture-failures')),
      async () => {
        emitServiceEvent(
          kernel,
          { partition: context.partition, ...home() },
          {
            source: 'aws.states',
            'detail-type': 'Step Functions Execution Status Change',
            detail,
          },
        );
        await suture.sandbox.settled();
      },
    );
    expect(await deadLetters('suture-failures-dlq')).toEqual([expect.stringContaining(executionArn)]);
  });

  it('for notifications go to their own dead-letter queue', async () => {
    const finding = await suture.arrange('EC2.13');
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' } });
    const [trace] = await suture.withFaults(
      denied(({ FunctionName = '' }) => FunctionName.includes('suture-notify')),
      () => suture.process(finding),
    );
    expect(trace.outcome).toBe('WAITING');
    expect(await deadLetters('suture-notify-dlq')).toEqual([expect.stringContaining(finding.Id)]);
  });
});

describe('a member role', () => {
  it.each([
    [SHOP, 'suture-member'],
    [SHOP, 'suture-ip-ranges-member'],
    [DATA, 'suture-ip-ranges-member'],
  ])('of %s, %s, denies principals outside the organization', (account, role) => {
    const outside = '123456789012';
    const root: Principal = { kind: 'root', arn: `arn:aws:iam::${outside}:root`, account: outside };
    const { partition, homeRegion: region } = suture.context;
    const need = assumeRoleNeed(suture.kernel, 'sts:AssumeRole', `arn:aws:iam::${account}:role/suture/${role}`, {});
    const assume = () => suture.kernel.authorize(root, { partition, account, region }, need, 'sts');
    expect(assume).toThrow('is not authorized to perform: sts:AssumeRole');
    expect(suture.kernel.decisions.at(-1)!.by).toEqual(['trust#NobodyFromOutside']);
  });
});

describe('a destructive remediation', () => {
  it('waits for approval, and then keeps the state before it in the journal', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'IAM.22': 'approve' } });
    const finding = await suture.arrange('IAM.22');
    const [trace] = await suture.process(finding);
    expect(trace.outcome).toBe('WAITING');
    const api = await approvalApi(new APIGatewayClient(suture.sandbox.administrator(suture.context.securityAccount)));
    const waiting = (await api.list()).find(({ control }) => control === 'IAM.22');
    await api.answer(waiting!.id, { answer: 'approve', reason: 'nobody uses it' });
    await suture.sandbox.settled();
    expect(suture.execution(trace.execution!.arn).status).toBe('SUCCEEDED');
    const [entry] = await suture.journal('iam/disable-unused-credentials', finding);
    expect(entry).toMatchObject({ status: 'done', before: { keys: [{ status: 'Active' }] } });
  });
});
