import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  OTHER_ACCOUNT,
  OWN_ACCOUNT,
  ROOT_MANAGEMENT_ACCOUNT,
  type TwoAccounts,
  twoAccounts,
} from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
const call = (operation: string, input: object = {}, region?: string) =>
  sandbox.as(OWN_ACCOUNT, 'cloudtrail', operation, input, region);
const arn = (account: string, name: string) => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`;

/** CloudTrail may write the logs of `owners`: account ids, or the organization's id. */
async function logBucket(account: string, Bucket: string, ...owners: string[]): Promise<string> {
  const service = { Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { Effect: 'Allow', ...service, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    ...owners.map((owner) => ({
      Effect: 'Allow',
      ...service,
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/AWSLogs/${owner}/*`,
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceAccount': account } },
    })),
  ];
  await sandbox.as(account, 's3', 'CreateBucket', { Bucket });
  await sandbox.as(account, 's3', 'PutBucketPolicy', {
    Bucket,
    Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
  return Bucket;
}

beforeEach(async () => {
  sandbox = await twoAccounts();
});
afterEach(() => sandbox.close());

describe('the bucket of a trail', () => {
  it('must exist', async () => {
    await expect(call('CreateTrail', { Name: 'audit', S3BucketName: 'nobodys' })).rejects.toMatchObject({
      code: 'S3BucketDoesNotExistException',
    });
  });

  it('must allow CloudTrail to write', async () => {
    await sandbox.as(OWN_ACCOUNT, 's3', 'CreateBucket', { Bucket: 'closed' });
    await expect(call('CreateTrail', { Name: 'audit', S3BucketName: 'closed' })).rejects.toMatchObject({
      code: 'InsufficientS3BucketPolicyException',
    });
  });

  it('must allow it to write for the account of the trail', async () => {
    const S3BucketName = await logBucket(OWN_ACCOUNT, 'audit-logs', OTHER_ACCOUNT);
    await expect(call('CreateTrail', { Name: 'audit', S3BucketName })).rejects.toMatchObject({
      code: 'InsufficientS3BucketPolicyException',
    });
  });

  it('of an organization trail must allow it to write for the organization', async () => {
    const create = (S3BucketName: string) =>
      sandbox.as(ROOT_MANAGEMENT_ACCOUNT, 'cloudtrail', 'CreateTrail', {
        Name: 'audit',
        S3BucketName,
        IsOrganizationTrail: true,
      });
    await expect(
      create(await logBucket(ROOT_MANAGEMENT_ACCOUNT, 'account-only', ROOT_MANAGEMENT_ACCOUNT)),
    ).rejects.toMatchObject({
      code: 'InsufficientS3BucketPolicyException',
    });
    await create(await logBucket(ROOT_MANAGEMENT_ACCOUNT, 'both', ROOT_MANAGEMENT_ACCOUNT, 'o-exampleorgid'));
  });
});

describe('a trail', () => {
  beforeEach(async () => {
    await call('CreateTrail', {
      Name: 'audit',
      S3BucketName: await logBucket(OWN_ACCOUNT, 'audit-logs', OWN_ACCOUNT),
      IsMultiRegionTrail: true,
    });
  });

  it('logs after StartLogging', async () => {
    expect(await call('GetTrailStatus', { Name: 'audit' })).toEqual({ IsLogging: false });
    await call('StartLogging', { Name: 'audit' });
    expect(await call('GetTrailStatus', { Name: 'audit' })).toMatchObject({
      IsLogging: true,
      StartLoggingTime: new Date('2026-01-01'),
    });
    await call('StopLogging', { Name: 'audit' });
    expect(await call('GetTrailStatus', { Name: 'audit' })).toMatchObject({ IsLogging: false });
  });

  it('keeps settings that an update does not name', async () => {
    await call('UpdateTrail', { Name: 'audit', EnableLogFileValidation: true });
    const { Trail } = await call('GetTrail', { Name: 'audit' });
    expect(Trail).toMatchObject({
      LogFileValidationEnabled: true,
      IsMultiRegionTrail: true,
      S3BucketName: 'audit-logs',
      HomeRegion: 'us-east-1',
    });
  });

  it('requires permission on its ARN', async () => {
    sandbox.kernel.decisions.length = 0;
    await call('UpdateTrail', { Name: 'audit', EnableLogFileValidation: true });
    expect(sandbox.kernel.decisions[0]).toMatchObject({
      action: 'cloudtrail:UpdateTrail',
      resource: arn(OWN_ACCOUNT, 'audit'),
    });
  });

  it('is a shadow trail in other Regions, where only its ARN identifies it', async () => {
    expect((await call('DescribeTrails', {}, 'eu-west-1')).trailList).toMatchObject([
      { TrailARN: arn(OWN_ACCOUNT, 'audit'), HomeRegion: 'us-east-1' },
    ]);
    expect((await call('DescribeTrails', { includeShadowTrails: false }, 'eu-west-1')).trailList).toEqual([]);
    expect(await call('GetTrailStatus', { Name: arn(OWN_ACCOUNT, 'audit') }, 'eu-west-1')).toMatchObject({
      IsLogging: false,
    });
    await expect(call('GetTrail', { Name: 'audit' }, 'eu-west-1')).rejects.toMatchObject({
      code: 'TrailNotFoundException',
    });
    await expect(call('UpdateTrail', { Name: arn(OWN_ACCOUNT, 'audit') }, 'eu-west-1')).rejects.toMatchObject({
      code: 'InvalidHomeRegionException',
    });
  });

  it('is invisible to other accounts', async () => {
    await expect(
      sandbox.as(OTHER_ACCOUNT, 'cloudtrail', 'GetTrail', { Name: arn(OWN_ACCOUNT, 'audit') }),
    ).rejects.toMatchObject({
      code: 'TrailNotFoundException',
    });
  });

  it('has tags', async () => {
    await call('AddTags', {
      ResourceId: arn(OWN_ACCOUNT, 'audit'),
      TagsList: [
        { Key: 'team', Value: 'sec' },
        { Key: 'a', Value: 'b' },
      ],
    });
    await call('RemoveTags', { ResourceId: arn(OWN_ACCOUNT, 'audit'), TagsList: [{ Key: 'a' }] });
    const { ResourceTagList } = await call('ListTags', { ResourceIdList: [arn(OWN_ACCOUNT, 'audit')] });
    expect(ResourceTagList).toEqual([
      { ResourceId: arn(OWN_ACCOUNT, 'audit'), TagsList: [{ Key: 'team', Value: 'sec' }] },
    ]);
  });

  it('is no longer listed after its deletion', async () => {
    await call('DeleteTrail', { Name: 'audit' });
    expect(await call('ListTrails')).toMatchObject({ Trails: [] });
  });

  it.each([
    ['a second time', { Name: 'audit', S3BucketName: 'audit-logs' }, 'TrailAlreadyExistsException'],
    ['with a bad name', { Name: 'a', S3BucketName: 'audit-logs' }, 'InvalidTrailNameException'],
    [
      'for all Regions without global events',
      { Name: 'second', S3BucketName: 'audit-logs', IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      'InvalidParameterCombinationException',
    ],
    [
      'for the organization by a member',
      { Name: 'second', S3BucketName: 'audit-logs', IsOrganizationTrail: true },
      'NotOrganizationMasterAccountException',
    ],
    [
      'to a log group',
      {
        Name: 'second',
        S3BucketName: 'audit-logs',
        CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:111122223333:log-group:x:*',
      },
      'InvalidCloudWatchLogsLogGroupArnException',
    ],
    [
      'with a key that does not exist',
      { Name: 'second', S3BucketName: 'audit-logs', KmsKeyId: 'alias/none' },
      'KmsKeyNotFoundException',
    ],
  ])('cannot be created %s', async (_, input, code) => {
    await expect(call('CreateTrail', input)).rejects.toMatchObject({ code });
  });

  it('with a key requires a key policy that allows CloudTrail', async () => {
    const { KeyMetadata } = await sandbox.as(OWN_ACCOUNT, 'kms', 'CreateKey');
    const update = { Name: 'audit', KmsKeyId: KeyMetadata.Arn };
    await expect(call('UpdateTrail', update)).rejects.toMatchObject({ code: 'InsufficientEncryptionPolicyException' });
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OWN_ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 'kms:GenerateDataKey*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceArn': arn(OWN_ACCOUNT, 'audit') } },
      },
    ];
    await sandbox.as(OWN_ACCOUNT, 'kms', 'PutKeyPolicy', {
      KeyId: KeyMetadata.KeyId,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
    });
    expect(await call('UpdateTrail', update)).toMatchObject({ KmsKeyId: KeyMetadata.Arn });
  });

  it('is limited to five per Region', async () => {
    for (const Name of ['two', 'three', 'four', 'five'])
      await call('CreateTrail', { Name, S3BucketName: 'audit-logs' });
    await expect(call('CreateTrail', { Name: 'six', S3BucketName: 'audit-logs' })).rejects.toMatchObject({
      code: 'MaximumNumberOfTrailsExceededException',
    });
  });
});

describe('an organization trail', () => {
  const trail = arn(ROOT_MANAGEMENT_ACCOUNT, 'audit');
  beforeEach(async () => {
    const S3BucketName = await logBucket(
      ROOT_MANAGEMENT_ACCOUNT,
      'org-logs',
      ROOT_MANAGEMENT_ACCOUNT,
      'o-exampleorgid',
    );
    await sandbox.as(ROOT_MANAGEMENT_ACCOUNT, 'cloudtrail', 'CreateTrail', {
      Name: 'audit',
      S3BucketName,
      IsOrganizationTrail: true,
      IsMultiRegionTrail: true,
    });
  });

  it('is visible to members', async () => {
    expect((await call('DescribeTrails')).trailList).toMatchObject([{ TrailARN: trail, IsOrganizationTrail: true }]);
    expect((await call('GetTrail', { Name: trail })).Trail).toMatchObject({ Name: 'audit' });
    expect((await call('ListTrails')).Trails).toMatchObject([{ TrailARN: trail }]);
  });

  it.each([
    ['UpdateTrail', { Name: trail, EnableLogFileValidation: false }],
    ['StopLogging', { Name: trail }],
    ['DeleteTrail', { Name: trail }],
  ])('cannot be changed by members: %s', async (operation, input) => {
    await expect(call(operation, input)).rejects.toMatchObject({
      code: 'CloudTrailARNInvalidException',
      message: expect.stringContaining(OWN_ACCOUNT),
    });
  });
});

it.each([
  ['ab', 'InvalidTrailNameException'],
  ['a trail', 'InvalidTrailNameException'],
  ['arn:aws:cloudtrail:us-east-1:nobody:trail/main', 'CloudTrailARNInvalidException'],
  ['main', 'TrailNotFoundException'],
])('answers for the trail %s with %s', async (Name, code) => {
  await expect(call('GetTrail', { Name })).rejects.toMatchObject({ code });
});

describe('the log group of a trail', () => {
  const roleArn = `arn:aws:iam::${OWN_ACCOUNT}:role/audit`;
  const logs = { Name: 'audit', CloudWatchLogsLogGroupArn: `arn:aws:logs:us-east-1:${OWN_ACCOUNT}:log-group:audit:*` };
  const createRole = (Service: string) => {
    const trust = { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    return sandbox.as(OWN_ACCOUNT, 'iam', 'CreateRole', { RoleName: 'audit', AssumeRolePolicyDocument });
  };
  beforeEach(async () => {
    await call('CreateTrail', { Name: 'audit', S3BucketName: await logBucket(OWN_ACCOUNT, 'logs-1', OWN_ACCOUNT) });
    await sandbox.as(OWN_ACCOUNT, 'logs', 'CreateLogGroup', { logGroupName: 'audit' });
  });

  it('gets events if a role lets CloudTrail write to it', async () => {
    await createRole('cloudtrail.amazonaws.com');
    const update = { ...logs, CloudWatchLogsRoleArn: roleArn };
    await expect(call('UpdateTrail', update)).rejects.toMatchObject({
      code: 'InvalidCloudWatchLogsLogGroupArnException',
      message: 'Access denied. Check the permissions for your role.',
    });
    const allow = { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
    await sandbox.as(OWN_ACCOUNT, 'iam', 'PutRolePolicy', { RoleName: 'audit', PolicyName: 'write', PolicyDocument });
    expect(await call('UpdateTrail', update)).toMatchObject(update);
    expect(await call('GetTrailStatus', { Name: 'audit' })).not.toHaveProperty('LatestCloudWatchLogsDeliveryTime');
    await call('StartLogging', { Name: 'audit' });
    expect(await call('GetTrailStatus', { Name: 'audit' })).toHaveProperty('LatestCloudWatchLogsDeliveryTime');
  });

  it('needs a role that CloudTrail may assume', async () => {
    await createRole('ec2.amazonaws.com');
    const update = { ...logs, CloudWatchLogsRoleArn: roleArn };
    await expect(call('UpdateTrail', update)).rejects.toMatchObject({ code: 'InvalidCloudWatchLogsRoleArnException' });
  });
});

describe('the event selectors of a trail', () => {
  const writes = {
    Name: 'writes',
    FieldSelectors: [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
      { Field: 'readOnly', Equals: ['false'] },
    ],
  };
  const put = (selectors: object) => call('PutEventSelectors', { TrailName: 'audit', ...selectors });
  beforeEach(async () => {
    await call('CreateTrail', { Name: 'audit', S3BucketName: await logBucket(OWN_ACCOUNT, 'logs-1', OWN_ACCOUNT) });
  });

  it('log management events by default', async () => {
    expect(await call('GetEventSelectors', { TrailName: 'audit' })).toMatchObject({
      EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
    });
    expect((await call('GetTrail', { Name: 'audit' })).Trail.HasCustomEventSelectors).toBe(false);
    await put({ AdvancedEventSelectors: [writes] });
    const selectors = await call('GetEventSelectors', { TrailName: 'audit' });
    expect(selectors).toEqual({ TrailARN: arn(OWN_ACCOUNT, 'audit'), AdvancedEventSelectors: [writes] });
    expect((await call('GetTrail', { Name: 'audit' })).Trail.HasCustomEventSelectors).toBe(true);
    await put({ EventSelectors: [{ ReadWriteType: 'WriteOnly' }] });
    expect(await call('GetEventSelectors', { TrailName: 'audit' })).not.toHaveProperty('AdvancedEventSelectors');
  });

  it.each<[string, object]>([
    ['none', {}],
    ['both forms', { EventSelectors: [{}], AdvancedEventSelectors: [writes] }],
    ['six', { EventSelectors: [{}, {}, {}, {}, {}, {}] }],
    ['an unknown type', { EventSelectors: [{ DataResources: [{ Type: 'AWS::SNS::Topic' }] }] }],
    ['no category', { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'readOnly', Equals: ['true'] }] }] }],
  ])('are refused: %s', async (_, selectors) => {
    await expect(put(selectors)).rejects.toMatchObject({ code: 'InvalidEventSelectorsException' });
  });
});
