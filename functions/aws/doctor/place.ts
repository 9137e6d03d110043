/** Reads of one of Suture's own accounts for doctor. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { DescribeContinuousBackupsCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import { isNamed } from '../../contract/errors.ts';
import type { PlaceReads } from '../../domain/doctor-place.ts';
import { readSummary } from './role-shapes.ts';

export function placeReads(): PlaceReads {
  const [sns, lambda, iam] = [new SNSClient({}), new LambdaClient({}), new IAMClient({})];
  const [cloudFormation, dynamo, trails] = [
    new CloudFormationClient({}),
    new DynamoDBClient({}),
    new CloudTrailClient({}),
  ];
  return {
    subscribers: (topicArn) => orUndefined(countConfirmed(sns, topicArn), 'NotFoundException', 'NotFound'),
    async lambda() {
      const { AccountLimit, AccountUsage } = await lambda.send(new GetAccountSettingsCommand({}));
      return {
        concurrency: AccountLimit?.ConcurrentExecutions ?? 0,
        unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
        codeBytes: AccountUsage?.TotalCodeSize ?? 0,
        codeLimit: AccountLimit?.TotalCodeSize ?? 0,
      };
    },
    async roles() {
      const { Roles = 0, RolesQuota = 0 } = await readSummary(iam);
      return { count: Roles, quota: RolesQuota };
    },
    isProtected: (StackName) => isProtected(cloudFormation, StackName),
    hasRecovery: (TableName) => orUndefined(hasRecovery(dynamo, TableName), 'TableNotFoundException'),
    hasDataEvents: (tableArn) => hasDataEvents(trails, tableArn),
  };
}

async function orUndefined<T>(answer: Promise<T>, ...names: readonly string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, ...names)) return undefined;
    throw error;
  }
}

/** A subscription that waits for its confirmation has `PendingConfirmation` as ARN. */
async function countConfirmed(sns: SNSClient, TopicArn: string): Promise<number> {
  let count = 0;
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
    count += Subscriptions.filter(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:')).length;
  return count;
}

/** CloudFormation answers ValidationError for a stack that does not exist, as for other faults. */
async function isProtected(client: CloudFormationClient, StackName: string): Promise<boolean | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0]?.EnableTerminationProtection ?? false;
  } catch (error) {
    if (isNamed(error, 'ValidationError') && /does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
}

async function hasRecovery(dynamo: DynamoDBClient, TableName: string): Promise<boolean> {
  const { ContinuousBackupsDescription } = await dynamo.send(new DescribeContinuousBackupsCommand({ TableName }));
  return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
}

/** Asks the trails of the Region, and those of other Regions and of the organization that cover it. */
async function hasDataEvents(client: CloudTrailClient, tableArn: string): Promise<boolean> {
  const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  for (const { TrailARN } of trailList) {
    const selectors = await client.send(new GetEventSelectorsCommand({ TrailName: TrailARN }));
    if (!selects(selectors, tableArn)) continue;
    const { IsLogging } = await client.send(new GetTrailStatusCommand({ Name: TrailARN }));
    if (IsLogging) return true;
  }
  return false;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html */
function selects(
  { EventSelectors = [], AdvancedEventSelectors = [] }: Partial<GetEventSelectorsCommandOutput>,
  table: string,
) {
  const ofTable = (value: string) => table === value || table.startsWith(value);
  const basic = EventSelectors.some(
    ({ ReadWriteType, DataResources = [] }) =>
      ReadWriteType !== 'ReadOnly' &&
      DataResources.some(({ Type, Values = [] }) => Type === 'AWS::DynamoDB::Table' && Values.some(ofTable)),
  );
  const fieldOf = (selector: (typeof AdvancedEventSelectors)[number], name: string) =>
    selector.FieldSelectors?.find(({ Field }) => Field === name);
  return (
    basic ||
    AdvancedEventSelectors.some((selector) => {
      const arn = fieldOf(selector, 'resources.ARN');
      return (
        fieldOf(selector, 'eventCategory')?.Equals?.includes('Data') &&
        fieldOf(selector, 'resources.type')?.Equals?.includes('AWS::DynamoDB::Table') &&
        !fieldOf(selector, 'readOnly')?.Equals?.includes('true') &&
        (!arn || arn.Equals?.includes(table) || arn.StartsWith?.some((prefix) => table.startsWith(prefix)))
      );
    })
  );
}
