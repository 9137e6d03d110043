/** Trails with log groups, topics, filters and alarms for scenarios, made as an administrator of the account. */
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
  type UpdateTrailCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand, PutMetricFilterCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Clients } from '../../contract/remediation.ts';
import type { Arrange, ScenarioContext } from '../../contract/scenario.ts';
import { accountResource } from '../kit/account.ts';
import { trail } from '../kit/trail-fixture.ts';
import { trailLogGroup } from './trail-log-group.ts';

export const ALARM_FIXTURE_CLIENTS = {
  cloudtrail: CloudTrailClient,
  cloudwatch: CloudWatchClient,
  iam: IAMClient,
  logs: CloudWatchLogsClient,
  s3: S3Client,
  sns: SNSClient,
  sqs: SQSClient,
};
type FixtureClients = Clients<typeof ALARM_FIXTURE_CLIENTS>;

const SELECTORS = {
  'of write events': { ReadWriteType: 'WriteOnly' },
  'of data events too': { ReadWriteType: 'All', DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }] },
} satisfies Record<string, EventSelector>;

export type TrailFixture = {
  readonly trail?: 'none' | 'stopped' | 'of one Region' | keyof typeof SELECTORS;
  readonly topic?: 'none' | 'without a subscriber';
  /** A metric filter with this pattern. */
  readonly filter?: { readonly name: string; readonly pattern: string };
  /** The filter has an alarm that notifies the topic. */
  readonly alarmed?: true;
};

export const TOPIC_NAME = 'security-alarms';

/** Returns a step that makes an account with a trail that logs to CloudWatch, and a topic with a subscriber. */
export const trailWith =
  (wanted: TrailFixture): Arrange<FixtureClients, any> =>
  async (clients, context) => {
    // Arrangements share a trail, because a Region takes five at most.
    const shared = wanted.trail === undefined ? await trailLogGroup({ ...clients, ...context }) : undefined;
    const logGroupName = shared ?? (await createLogGroup(clients, context, wanted));
    const topic = wanted.topic === 'none' ? undefined : await createTopic(clients, context, wanted.topic === undefined);
    if (wanted.filter) await createFilter(clients, logGroupName, wanted.filter, wanted.alarmed && topic);
    return accountResource(context);
  };

async function createLogGroup(
  clients: FixtureClients,
  context: ScenarioContext<any>,
  { trail: kind }: TrailFixture,
): Promise<string> {
  const logGroupName = `${context.name}-trail`;
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName }));
  if (kind !== 'none') await createTrail(clients, context, logGroupName, kind);
  return logGroupName;
}

async function createTrail(
  { cloudtrail, iam, logs: _, s3 }: FixtureClients,
  context: ScenarioContext<any>,
  logGroupName: string,
  kind?: TrailFixture['trail'],
): Promise<void> {
  const { partition, region, account, name } = context;
  const logGroup = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}:*`;
  const CloudWatchLogsRoleArn = await createLogRole(iam, name, logGroup);
  const settings = {
    IsMultiRegionTrail: kind !== 'of one Region',
    CloudWatchLogsLogGroupArn: logGroup,
    CloudWatchLogsRoleArn,
  };
  const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
  const existing = kind === undefined ? trailList[0]?.TrailARN : undefined;
  if (existing) return useTrail(cloudtrail, { Name: existing, ...settings });
  const { Id } = await trail(cloudtrail, s3, context, settings);
  if (kind === 'of write events' || kind === 'of data events too')
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Id, EventSelectors: [SELECTORS[kind]] }));
  if (kind !== 'stopped') await cloudtrail.send(new StartLoggingCommand({ Name: Id }));
}

/** Makes an existing trail log to the group, because a Region takes five trails at most. */
async function useTrail(cloudtrail: CloudTrailClient, settings: UpdateTrailCommandInput): Promise<void> {
  const { Name } = settings;
  await cloudtrail.send(new UpdateTrailCommand(settings));
  await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors: [{ ReadWriteType: 'All' }] }));
  await cloudtrail.send(new StartLoggingCommand({ Name }));
}

async function createLogRole(iam: IAMClient, name: string, logGroup: string): Promise<string> {
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: `${name}-trail`, AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: logGroup });
  await iam.send(new PutRolePolicyCommand({ RoleName: `${name}-trail`, PolicyName: 'logs', PolicyDocument }));
  return Role!.Arn!;
}

async function createTopic(
  { sns, sqs }: FixtureClients,
  context: ScenarioContext<any>,
  subscribed: boolean,
): Promise<string> {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: TOPIC_NAME }));
  if (!subscribed) return TopicArn!;
  const { partition, region, account, name } = context;
  await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const Endpoint = `arn:${partition}:sqs:${region}:${account}:${name}`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  return TopicArn!;
}

async function createFilter(
  { logs, cloudwatch }: FixtureClients,
  logGroupName: string,
  { name: filterName, pattern: filterPattern }: NonNullable<TrailFixture['filter']>,
  topic: string | undefined,
): Promise<void> {
  const metric = { metricName: 'Own', metricNamespace: 'Own', metricValue: '1', defaultValue: 0 };
  const filter = { logGroupName, filterName, filterPattern, metricTransformations: [metric] };
  await logs.send(new PutMetricFilterCommand(filter));
  if (topic === undefined) return;
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: filterName,
      AlarmActions: [topic],
      Namespace: metric.metricNamespace,
      MetricName: metric.metricName,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
    }),
  );
}
