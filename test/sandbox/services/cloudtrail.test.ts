import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { management, other, own, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
const call = (operation: string, input: object = {}, region?: string) =>
  sandbox.as(own, 'cloudtrail', operation, input, region);
const arn = (account: string, name: string) => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`;

/** A bucket into which CloudTrail may write for an account, and for the organization where wanted. */
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

  it('must let CloudTrail write', async () => {
    await sandbox.as(own, 's3', 'CreateBucket', { Bucket: 'closed' });
    await expect(call('CreateTrail', { Name: 'audit', S3BucketName: 'closed' })).rejects.toMatchObject({
      code: 'InsufficientS3BucketPolicyException',
    });
  });

  it('must let it write for this very account', async () => {
    const S3BucketName = await logBucket(own, 'audit-logs', other);
    await expect(call('CreateTrail', { Name: 'audit', S3BucketName })).rejects.toMatchObject({
      code: 'InsufficientS3BucketPolicyException',
    });
  });

  it('of an organization trail must let it write for the organization', async () => {
    const create = (S3BucketName: string) =>
      sandbox.as(management, 'cloudtrail', 'CreateTrail', { Name: 'audit', S3BucketName, IsOrganizationTrail: true });
    await expect(create(await logBucket(management, 'account-only', management))).rejects.toMatchObject({
      code: 'InsufficientS3BucketPolicyException',
    });
    await create(await logBucket(management, 'both', management, 'o-exampleorgid'));
  });
});

describe('a trail', () => {
  beforeEach(async () => {
    await call('CreateTrail', {
      Name: 'audit',
      S3BucketName: await logBucket(own, 'audit-logs', own),
      IsMultiRegionTrail: true,
    });
  });

  it('logs once it is started', async () => {
    expect(await call('GetTrailStatus', { Name: 'audit' })).toEqual({ IsLogging: false });
    await call('StartLogging', { Name: 'audit' });
    expect(await call('GetTrailStatus', { Name: 'audit' })).toMatchObject({
      IsLogging: true,
      StartLoggingTime: new Date('2026-01-01'),
    });
    await call('StopLogging', { Name: 'audit' });
    expect(await call('GetTrailStatus', { Name: 'audit' })).toMatchObject({ IsLogging: false });
  });

  it('changes what the update names and nothing else', async () => {
    await call('UpdateTrail', { Name: 'audit', EnableLogFileValidation: true });
    const { Trail } = await call('GetTrail', { Name: 'audit' });
    expect(Trail).toMatchObject({
      LogFileValidationEnabled: true,
      IsMultiRegionTrail: true,
      S3BucketName: 'audit-logs',
      HomeRegion: 'us-east-1',
    });
  });

  it('is decided on its ARN', async () => {
    sandbox.kernel.decisions.length = 0;
    await call('UpdateTrail', { Name: 'audit', EnableLogFileValidation: true });
    expect(sandbox.kernel.decisions[0]).toMatchObject({
      action: 'cloudtrail:UpdateTrail',
      resource: arn(own, 'audit'),
    });
  });

  it('shows in other Regions as a shadow that only its ARN names', async () => {
    expect((await call('DescribeTrails', {}, 'eu-west-1')).trailList).toMatchObject([
      { TrailARN: arn(own, 'audit'), HomeRegion: 'us-east-1' },
    ]);
    expect((await call('DescribeTrails', { includeShadowTrails: false }, 'eu-west-1')).trailList).toEqual([]);
    expect(await call('GetTrailStatus', { Name: arn(own, 'audit') }, 'eu-west-1')).toMatchObject({ IsLogging: false });
    await expect(call('GetTrail', { Name: 'audit' }, 'eu-west-1')).rejects.toMatchObject({
      code: 'TrailNotFoundException',
    });
    await expect(call('UpdateTrail', { Name: arn(own, 'audit') }, 'eu-west-1')).rejects.toMatchObject({
      code: 'InvalidHomeRegionException',
    });
  });

  it("is nobody else's", async () => {
    await expect(sandbox.as(other, 'cloudtrail', 'GetTrail', { Name: arn(own, 'audit') })).rejects.toMatchObject({
      code: 'TrailNotFoundException',
    });
  });

  it('bears tags', async () => {
    await call('AddTags', {
      ResourceId: arn(own, 'audit'),
      TagsList: [
        { Key: 'team', Value: 'sec' },
        { Key: 'a', Value: 'b' },
      ],
    });
    await call('RemoveTags', { ResourceId: arn(own, 'audit'), TagsList: [{ Key: 'a' }] });
    const { ResourceTagList } = await call('ListTags', { ResourceIdList: [arn(own, 'audit')] });
    expect(ResourceTagList).toEqual([{ ResourceId: arn(own, 'audit'), TagsList: [{ Key: 'team', Value: 'sec' }] }]);
  });

  it('goes when deleted', async () => {
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
        CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:111122223333:log-group:x',
      },
      'NotModelled',
    ],
    [
      'under a key that is not there',
      { Name: 'second', S3BucketName: 'audit-logs', KmsKeyId: 'alias/none' },
      'KmsKeyNotFoundException',
    ],
  ])('is not made %s', async (_, input, code) => {
    await expect(call('CreateTrail', input)).rejects.toMatchObject({ code });
  });

  it('under a key needs the key to let CloudTrail use it', async () => {
    const { KeyMetadata } = await sandbox.as(own, 'kms', 'CreateKey');
    const update = { Name: 'audit', KmsKeyId: KeyMetadata.Arn };
    await expect(call('UpdateTrail', update)).rejects.toMatchObject({ code: 'InsufficientEncryptionPolicyException' });
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${own}:root` }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 'kms:GenerateDataKey*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceArn': arn(own, 'audit') } },
      },
    ];
    await sandbox.as(own, 'kms', 'PutKeyPolicy', {
      KeyId: KeyMetadata.KeyId,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
    });
    expect(await call('UpdateTrail', update)).toMatchObject({ KmsKeyId: KeyMetadata.Arn });
  });

  it('counts five a Region', async () => {
    for (const Name of ['two', 'three', 'four', 'five'])
      await call('CreateTrail', { Name, S3BucketName: 'audit-logs' });
    await expect(call('CreateTrail', { Name: 'six', S3BucketName: 'audit-logs' })).rejects.toMatchObject({
      code: 'MaximumNumberOfTrailsExceededException',
    });
  });
});

describe('an organization trail', () => {
  const trail = arn(management, 'audit');
  beforeEach(async () => {
    const S3BucketName = await logBucket(management, 'org-logs', management, 'o-exampleorgid');
    await sandbox.as(management, 'cloudtrail', 'CreateTrail', {
      Name: 'audit',
      S3BucketName,
      IsOrganizationTrail: true,
      IsMultiRegionTrail: true,
    });
  });

  it('is seen by members', async () => {
    expect((await call('DescribeTrails')).trailList).toMatchObject([{ TrailARN: trail, IsOrganizationTrail: true }]);
    expect((await call('GetTrail', { Name: trail })).Trail).toMatchObject({ Name: 'audit' });
    expect((await call('ListTrails')).Trails).toMatchObject([{ TrailARN: trail }]);
  });

  it.each([
    ['UpdateTrail', { Name: trail, EnableLogFileValidation: false }],
    ['StopLogging', { Name: trail }],
    ['DeleteTrail', { Name: trail }],
  ])('is not changed by members: %s', async (operation, input) => {
    await expect(call(operation, input)).rejects.toMatchObject({
      code: 'CloudTrailARNInvalidException',
      message: expect.stringContaining(own),
    });
  });
});
