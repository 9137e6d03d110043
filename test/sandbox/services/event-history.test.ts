/** CloudTrail's event history of the sandbox's calls. */
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPastCall, MAX_PAST_CALLS } from '../../../sandbox/kernel/call-history.ts';
import type { Principal } from '../../../sandbox/kernel/kernel.ts';
import { OTHER_ACCOUNT, OWN_ACCOUNT, rootOf, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

const MINUTE = 60_000;
const EU = 'eu-west-1';

let sandbox: TwoAccounts;
beforeEach(async () => {
  sandbox = await twoAccounts();
});
afterEach(() => sandbox.close());

const own = (service: string, operation: string, input: object = {}, region?: string) =>
  sandbox.as(OWN_ACCOUNT, service, operation, input, region);
/** After a second for each look-up, of which AWS takes two a second. */
async function lookUp(input: object = {}, { account = OWN_ACCOUNT, region = 'us-east-1' } = {}): Promise<any> {
  await sandbox.kernel.clock.advance(1000);
  return sandbox.as(account, 'cloudtrail', 'LookupEvents', input, region);
}
const by = (AttributeKey: string, AttributeValue: string) => ({ LookupAttributes: [{ AttributeKey, AttributeValue }] });
const namesOf = ({ Events }: any): string[] => Events.map(({ EventName }: any) => EventName);
const visible = () => sandbox.kernel.clock.advance(5 * MINUTE);

describe('the event history', () => {
  it('has management events alone, newest first, minutes after the call', async () => {
    const { QueueUrl } = await own('sqs', 'CreateQueue', { QueueName: 'orders' });
    await own('sqs', 'SendMessage', { QueueUrl, MessageBody: 'x' });
    await own('s3', 'CreateBucket', { Bucket: 'a-bucket-of-events' });
    await own('s3', 'PutObject', { Bucket: 'a-bucket-of-events', Key: 'a', Body: new Uint8Array() });
    await sandbox.kernel.clock.advance(1000);
    await own('sns', 'CreateTopic', { Name: 'alarms' });
    expect(namesOf(await lookUp())).toEqual([]);
    await visible();
    expect(namesOf(await lookUp())).toEqual(['LookupEvents', 'CreateTopic', 'CreateBucket', 'CreateQueue']);
    await sandbox.kernel.clock.advance(91 * 24 * 60 * MINUTE);
    expect(namesOf(await lookUp())).toEqual([]);
  });

  it('is that of an account and Region; global services write theirs in us-east-1', async () => {
    await own('sns', 'CreateTopic', { Name: 'alarms' }, EU);
    await own('iam', 'ListUsers', {}, EU);
    await sandbox.as(OTHER_ACCOUNT, 'sns', 'ListTopics');
    await visible();
    expect(namesOf(await lookUp({}, { region: EU }))).toEqual(['CreateTopic']);
    expect(namesOf(await lookUp())).toEqual(['ListUsers']);
    expect(namesOf(await lookUp({}, { account: OTHER_ACCOUNT }))).toEqual(['ListTopics']);
  });

  it('names events as Lambda and S3 do', async () => {
    await own('lambda', 'ListFunctions');
    await own('s3', 'CreateBucket', { Bucket: 'a-bucket-of-events' });
    await own('s3', 'PutPublicAccessBlock', {
      Bucket: 'a-bucket-of-events',
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    });
    await visible();
    expect(namesOf(await lookUp())).toEqual(['PutBucketPublicAccessBlock', 'CreateBucket', 'ListFunctions20150331']);
  });

  it('is looked up by each attribute', async () => {
    await own('iam', 'CreateUser', { UserName: 'ann', Path: '/people/' });
    await own('ec2', 'DescribeVpcs');
    await visible();
    const { Events } = await lookUp(by('EventName', 'CreateUser'));
    expect(Events).toMatchObject([
      {
        EventSource: 'iam.amazonaws.com',
        ReadOnly: 'false',
        Username: 'root',
        Resources: [{ ResourceType: 'AWS::IAM::User', ResourceName: 'ann' }],
      },
    ]);
    const same: [string, string][] = [
      ['EventId', Events[0].EventId],
      ['EventSource', 'iam.amazonaws.com'],
      ['ReadOnly', 'false'],
      ['ResourceName', 'ann'],
      ['ResourceType', 'AWS::IAM::User'],
    ];
    for (const [key, value] of same) expect(await lookUp(by(key, value))).toEqual({ Events });
    expect(namesOf(await lookUp(by('Username', 'root')))).toEqual(['DescribeVpcs', 'CreateUser']);
    expect(namesOf(await lookUp(by('AccessKeyId', 'AKIAIOSFODNN7EXAMPLE')))).toEqual([]);
    expect(namesOf(await lookUp(by('EventName', 'createuser')))).toEqual([]);
  });

  it('has the key, client and session of a signed request, and the error of a refused one', async () => {
    const session: Principal = {
      kind: 'session',
      arn: `arn:aws:sts::${OWN_ACCOUNT}:assumed-role/reader/one`,
      account: OWN_ACCOUNT,
      role: `arn:aws:iam::${OWN_ACCOUNT}:role/reader`,
      userId: 'AROAEXAMPLE:one',
      sourceIdentity: 'execution-1',
      sessionTags: {},
      issuedAt: sandbox.kernel.clock.now(),
    };
    await own('iam', 'CreateRole', {
      RoleName: 'reader',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: OWN_ACCOUNT }, Action: 'sts:AssumeRole' }],
      }),
    });
    const settings = sandbox.clientSettings(session);
    const answer = new IAMClient(settings).send(new ListUsersCommand({}));
    const refusal = await answer.catch((error) => error);
    await visible();
    const { Events } = await lookUp(by('AccessKeyId', settings.credentials.accessKeyId));
    expect(Events).toMatchObject([{ EventName: 'ListUsers', Username: 'one', ReadOnly: 'true' }]);
    const record = JSON.parse(Events[0].CloudTrailEvent);
    expect(record).toMatchObject({
      userIdentity: {
        type: 'AssumedRole',
        arn: session.arn,
        accountId: OWN_ACCOUNT,
        accessKeyId: settings.credentials.accessKeyId,
        sessionContext: { sessionIssuer: { arn: session.role, userName: 'reader' }, sourceIdentity: 'execution-1' },
      },
      eventTime: new Date(Events[0].EventTime).toISOString().replace('.000Z', 'Z'),
      eventSource: 'iam.amazonaws.com',
      eventName: 'ListUsers',
      awsRegion: 'us-east-1',
      sourceIPAddress: '192.0.2.1',
      userAgent: expect.stringContaining('aws-sdk-js'),
      errorCode: 'AccessDenied',
      errorMessage: expect.stringContaining('iam:ListUsers'),
      requestID: refusal.$metadata.requestId,
      eventID: Events[0].EventId,
      readOnly: true,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: OWN_ACCOUNT,
      eventCategory: 'Management',
    });
    expect(record).not.toHaveProperty('requestParameters');
  });

  it('names the service that called, and has calls of others in the account of the resource', async () => {
    const service: Principal = { kind: 'service', service: 'cloudtrail.amazonaws.com', account: OWN_ACCOUNT };
    await sandbox.by(service, 'sns', 'ListTopics').catch(() => {});
    await sandbox.as(OTHER_ACCOUNT, 's3', 'CreateBucket', { Bucket: 'a-bucket-of-others' });
    await sandbox.as(OTHER_ACCOUNT, 's3', 'PutBucketPolicy', {
      Bucket: 'a-bucket-of-others',
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: OWN_ACCOUNT },
            Action: 's3:GetBucketVersioning',
            Resource: 'arn:aws:s3:::a-bucket-of-others',
          },
        ],
      }),
    });
    await own('s3', 'GetBucketVersioning', { Bucket: 'a-bucket-of-others' });
    await visible();
    const [mine] = (await lookUp(by('EventName', 'GetBucketVersioning'))).Events;
    const [theirs] = (await lookUp(by('EventName', 'GetBucketVersioning'), { account: OTHER_ACCOUNT })).Events;
    const [record, copy] = [mine, theirs].map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent));
    expect([theirs.Username, theirs.EventId === mine.EventId]).toEqual([undefined, false]);
    expect(copy).toMatchObject({
      userIdentity: { type: 'AWSAccount', accountId: OWN_ACCOUNT },
      recipientAccountId: OTHER_ACCOUNT,
      sharedEventID: record.sharedEventID,
      resources: [{ accountId: OTHER_ACCOUNT, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::a-bucket-of-others' }],
    });
    const [event] = (await lookUp(by('EventName', 'ListTopics'))).Events;
    expect(JSON.parse(event.CloudTrailEvent)).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
      sourceIPAddress: 'cloudtrail.amazonaws.com',
    });
  });
});

describe('a look-up', () => {
  it('keeps its pages while new events arrive', async () => {
    for (let index = 0; index < 5; index++) await own('sns', 'ListTopics');
    await visible();
    const first = await lookUp({ ...by('EventName', 'ListTopics'), MaxResults: 2 });
    await own('sns', 'ListTopics');
    await visible();
    const second = await lookUp({ ...by('EventName', 'ListTopics'), MaxResults: 2, NextToken: first.NextToken });
    const third = await lookUp({ ...by('EventName', 'ListTopics'), NextToken: second.NextToken });
    const ids = [first, second, third].flatMap(({ Events }) => Events.map(({ EventId }: any) => EventId));
    expect([new Set(ids).size, third.NextToken]).toEqual([5, undefined]);
    const other = lookUp({ ...by('EventName', 'ListUsers'), NextToken: first.NextToken });
    await expect(other).rejects.toMatchObject({ code: 'InvalidNextTokenException' });
  });

  it('includes both ends of the time range', async () => {
    await own('sns', 'ListTopics');
    const at = new Date(Math.floor(sandbox.kernel.clock.now() / 1000) * 1000);
    await visible();
    const within = (StartTime?: Date, EndTime?: Date) =>
      lookUp({ ...by('EventName', 'ListTopics'), StartTime, EndTime });
    expect(namesOf(await within(at, at))).toEqual(['ListTopics']);
    expect(namesOf(await within(new Date(at.getTime() + 1000)))).toEqual([]);
    expect(namesOf(await within(undefined, new Date(at.getTime() - 1000)))).toEqual([]);
  });

  it.each<[string, object]>([
    ['InvalidTimeRangeException', { StartTime: new Date(2), EndTime: new Date(1) }],
    ['InvalidMaxResultsException', { MaxResults: 51 }],
    ['InvalidMaxResultsException', { MaxResults: 0 }],
    ['InvalidNextTokenException', { NextToken: 'bm90aGluZw' }],
    ['InvalidEventCategoryException', { EventCategory: 'data' }],
    ['InvalidLookupAttributesException', { LookupAttributes: [{ AttributeKey: 'Color', AttributeValue: 'red' }] }],
    ['InvalidLookupAttributesException', by('ReadOnly', 'yes')],
    ['InvalidLookupAttributesException', by('EventName', '')],
    [
      'InvalidLookupAttributesException',
      { LookupAttributes: [by('EventName', 'a').LookupAttributes[0], by('Username', 'b').LookupAttributes[0]] },
    ],
  ])('is refused with %s: %o', async (code, input) => {
    await expect(lookUp(input)).rejects.toMatchObject({ code });
  });

  it('is throttled beyond two requests a second', async () => {
    const both = [own('cloudtrail', 'LookupEvents'), own('cloudtrail', 'LookupEvents')];
    expect(await Promise.all(both)).toHaveLength(2);
    await expect(own('cloudtrail', 'LookupEvents')).rejects.toMatchObject({ code: 'ThrottlingException' });
  });

  it('is refused as NotModelled beyond the calls that the sandbox keeps', async () => {
    await own('sns', 'ListTopics');
    const first = new Date(sandbox.kernel.clock.now());
    await sandbox.kernel.clock.advance(1000);
    const { kernel } = sandbox;
    const place = { partition: 'aws', account: OTHER_ACCOUNT, region: 'us-east-1' };
    const service = kernel.services!.find(({ name }) => name === 'sts')!;
    const call = { place, service, operation: 'GetCallerIdentity', principal: rootOf(OTHER_ACCOUNT), resources: [] };
    for (let index = 0; index <= MAX_PAST_CALLS; index++) keepPastCall(kernel, call);
    await visible();
    await expect(lookUp(by('EventName', 'ListTopics'))).rejects.toMatchObject({
      code: 'NotModelled',
      message: expect.stringContaining('the last 50000 calls'),
    });
    const later = new Date(first.getTime() + 2000);
    expect(namesOf(await lookUp({ ...by('EventName', 'ListTopics'), StartTime: later }))).toEqual([]);
  });
});
