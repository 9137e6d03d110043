/** Prepares the organization as docs/deploy.md says: with what Suture's stacks cannot create, and doctor checks. */
import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createBucket } from '../../functions/remediations/kit/create-bucket.ts';
import { addKnownFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { excludedAccounts, type SutureContext } from '../../stacks/context.ts';
import { controlFinding } from './finding.ts';
import { LAB_NAMES } from './lab-names.ts';
import type { MemberAccount, RunningOrganization } from './organization.ts';

export const TRAIL = 'data-events';
type Organization = Pick<RunningOrganization, 'sandbox' | 'context'>;

export async function makeReady(organization: Organization, members: readonly MemberAccount[]): Promise<void> {
  const { securityAccount, serviceAccount } = organization.context;
  await runDirectory(organization);
  for (const [account, stack] of [
    [securityAccount, LAB_NAMES.stack('Ledger')],
    [serviceAccount, LAB_NAMES.stack('Journal')],
  ] as const) {
    await subscribe(organization, account);
    await recordDataEvents(organization, account);
    await protectStack(organization, account, stack);
  }
  const excluded = excludedAccounts(organization.context);
  for (const { id, status = 'ACTIVE' } of members)
    if (status === 'ACTIVE' && !excluded.includes(id)) passRecorders(organization, id);
}

/** Runs the directory function, as its schedule does every hour. Commands know accounts and units from it. */
export async function runDirectory({ sandbox, context }: Organization): Promise<void> {
  const lambda = new LambdaClient(sandbox.administrator(context.securityAccount, context.homeRegion));
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: LAB_NAMES.function('directory') }),
  );
  if (FunctionError) throw new Error(`The directory function failed: ${Buffer.from(Payload ?? []).toString()}`);
}

export const topicIn = ({ partition, homeRegion }: SutureContext, account: string) =>
  `arn:${partition}:sns:${homeRegion}:${account}:${LAB_NAMES.alarmTopic}`;

async function subscribe({ sandbox, context }: Organization, account: string): Promise<void> {
  const settings = sandbox.administrator(account);
  const [sqs, TopicArn] = [new SQSClient(settings), topicIn(context, account)];
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }));
  const Endpoint = `arn:${context.partition}:sqs:${context.homeRegion}:${account}:on-call`;
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: Endpoint,
        Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await new SNSClient(settings).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
}

/** Creates a trail of the account alone. It logs management events too, as the organization's trail would. */
async function recordDataEvents({ sandbox, context }: Organization, account: string): Promise<void> {
  const settings = sandbox.administrator(account);
  const [s3, cloudTrail] = [new S3Client(settings), new CloudTrailClient(settings)];
  const { partition, homeRegion: region } = context;
  const S3BucketName = `data-events-${account}`;
  await createBucket(s3, S3BucketName, { partition, account, region });
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const arn = `arn:${partition}:s3:::${S3BucketName}`;
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: arn },
    { ...service, Action: 's3:PutObject', Resource: `${arn}/AWSLogs/*` },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket: S3BucketName, Policy }));
  await cloudTrail.send(new CreateTrailCommand({ Name: TRAIL, S3BucketName }));
  const DataResources = [{ Type: 'AWS::DynamoDB::Table', Values: [`arn:${partition}:dynamodb`] }];
  const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true, DataResources }];
  await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: TRAIL, EventSelectors }));
  await cloudTrail.send(new StartLoggingCommand({ Name: TRAIL }));
}

async function protectStack({ sandbox }: Organization, account: string, StackName: string): Promise<void> {
  const client = new CloudFormationClient(sandbox.administrator(account));
  await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: true }));
}

function passRecorders(organization: Organization, account: string): void {
  for (const region of organization.context.regions) recorderVerdict(organization, account, region, 'PASSED');
}

/** Stores Security Hub's verdict whether Config records in the account and Region. */
export function recorderVerdict(
  { sandbox: { kernel }, context: { partition } }: Organization,
  account: string,
  region: string,
  Status: 'PASSED' | 'FAILED',
): void {
  const resource = {
    Type: 'AwsAccount',
    Id: `AWS::::Account:${account}`,
    Partition: partition as 'aws',
    Region: region,
  };
  const at = new Date(kernel.clock.now());
  const finding = controlFinding({ control: 'Config.1', account, region, resource, name: `config-${region}`, at });
  addKnownFinding(kernel, { ...finding, Compliance: { ...finding.Compliance, Status } } as never);
}
