import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPublic } from '../../../sandbox/services/s3/public-policy.ts';
import { other, own, rootOf, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
const Bucket = 'reports-1111';
const call = (operation: string, input: object = {}, region?: string) =>
  sandbox.as(own, 's3', operation, { Bucket, ...input }, region);
const foreign = (operation: string, input: object = {}) => sandbox.as(other, 's3', operation, { Bucket, ...input });
const policy = (statement: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*`, ...statement }],
  });
const anyone = policy({ Principal: '*' });
const theOther = policy({ Principal: { AWS: `arn:aws:iam::${other}:root` } });
const nothingBlocked = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};
const unblock = () => call('PutPublicAccessBlock', { PublicAccessBlockConfiguration: nothingBlocked });

beforeEach(async () => {
  sandbox = await twoAccounts();
  await call('CreateBucket');
});
afterEach(() => sandbox.close());

describe('a new bucket', () => {
  it('blocks public access in all four ways, encrypts, and knows no ACLs', async () => {
    const { PublicAccessBlockConfiguration } = await call('GetPublicAccessBlock');
    expect(Object.values(PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    const { ServerSideEncryptionConfiguration } = await call('GetBucketEncryption');
    expect(ServerSideEncryptionConfiguration.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
    await expect(call('PutBucketAcl', { ACL: 'public-read' })).rejects.toMatchObject({
      code: 'AccessControlListNotSupported',
    });
  });

  it.each([
    ['in the name of another account', () => foreign('CreateBucket'), 'BucketAlreadyExists'],
    ['with a bad name', () => call('CreateBucket', { Bucket: 'Reports' }), 'InvalidBucketName'],
    [
      'in eu-west-1 without saying so',
      () => call('CreateBucket', { Bucket: 'elsewhere' }, 'eu-west-1'),
      'IllegalLocationConstraintException',
    ],
  ])('is not made %s', async (_, attempt, code) => {
    await expect(attempt()).rejects.toMatchObject({ code });
  });

  it('in us-east-1 may be made again by its owner', async () => {
    await call('PutObject', { Key: 'a', Body: 'kept' });
    await call('CreateBucket');
    expect(await call('ListObjectsV2')).toMatchObject({ KeyCount: 1 });
  });
});

describe('what a bucket does not have', () => {
  it.each([
    ['GetBucketPolicy', 'NoSuchBucketPolicy'],
    ['GetBucketPolicyStatus', 'NoSuchBucketPolicy'],
    ['GetBucketTagging', 'NoSuchTagSet'],
  ])('%s answers %s', async (operation, code) => {
    await expect(call(operation)).rejects.toMatchObject({ code, status: 404 });
  });

  it('its public access block, once taken away', async () => {
    await call('DeletePublicAccessBlock');
    await expect(call('GetPublicAccessBlock')).rejects.toMatchObject({
      code: 'NoSuchPublicAccessBlockConfiguration',
      status: 404,
    });
  });
});

describe('the way to a bucket', () => {
  it.each([
    ['that is not there', () => call('GetBucketPolicy', { Bucket: 'nobodys' }), { code: 'NoSuchBucket', status: 404 }],
    [
      'from another Region',
      () => call('GetPublicAccessBlock', {}, 'eu-west-1'),
      { code: 'PermanentRedirect', status: 301 },
    ],
    [
      'of another owner than expected',
      () => call('GetPublicAccessBlock', { ExpectedBucketOwner: other }),
      { code: 'AccessDenied', status: 403 },
    ],
    ['from another account', () => foreign('GetPublicAccessBlock'), { code: 'AccessDenied', status: 403 }],
  ])('%s is closed', async (_, attempt, error) => {
    await expect(attempt()).rejects.toMatchObject(error);
  });

  it('from another account is open where the policy says so', async () => {
    await call('PutObject', { Key: 'a', Body: 'text' });
    await expect(foreign('GetObject', { Key: 'a' })).rejects.toMatchObject({ code: 'AccessDenied' });
    await call('PutBucketPolicy', { Policy: theOther });
    expect(Buffer.from((await foreign('GetObject', { Key: 'a' })).Body).toString()).toBe('text');
  });

  it('is decided under the names that IAM has for it', async () => {
    const { decisions } = sandbox.kernel;
    decisions.length = 0;
    await call('PutPublicAccessBlock', { PublicAccessBlockConfiguration: nothingBlocked });
    await call('HeadBucket');
    await call('PutBucketEncryption', {
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
      },
    });
    const arn = `arn:aws:s3:::${Bucket}`;
    expect(decisions.map(({ action, resource }) => [action, resource])).toEqual([
      ['s3:PutBucketPublicAccessBlock', arn],
      ['s3:ListBucket', arn],
      ['s3:PutEncryptionConfiguration', arn],
    ]);
  });
});

describe('website hosting', () => {
  it('is off until it is set, and can be taken away', async () => {
    const none = { code: 'NoSuchWebsiteConfiguration' };
    await expect(call('GetBucketWebsite')).rejects.toMatchObject(none);
    const WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' } };
    await call('PutBucketWebsite', { WebsiteConfiguration });
    expect(await call('GetBucketWebsite')).toEqual(WebsiteConfiguration);
    await call('DeleteBucketWebsite');
    await expect(call('GetBucketWebsite')).rejects.toMatchObject(none);
  });

  it('needs an index or a redirect', async () => {
    await expect(call('PutBucketWebsite', { WebsiteConfiguration: {} })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
  });
});

describe('block public access', () => {
  it('of the bucket refuses a public policy', async () => {
    await expect(call('PutBucketPolicy', { Policy: anyone })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('BlockPublicPolicy'),
    });
    await unblock();
    await call('PutBucketPolicy', { Policy: anyone });
    expect(await call('GetBucketPolicyStatus')).toEqual({ PolicyStatus: { IsPublic: true } });
  });

  it('of the account holds for all its buckets', async () => {
    await unblock();
    const account = (operation: string, input: object = {}) =>
      sandbox.as(own, 's3control', operation, { AccountId: own, ...input });
    await expect(account('GetPublicAccessBlock')).rejects.toMatchObject({
      code: 'NoSuchPublicAccessBlockConfiguration',
    });
    await account('PutPublicAccessBlock', { PublicAccessBlockConfiguration: { BlockPublicPolicy: true } });
    expect(await account('GetPublicAccessBlock')).toEqual({
      PublicAccessBlockConfiguration: { ...nothingBlocked, BlockPublicPolicy: true },
    });
    await expect(call('PutBucketPolicy', { Policy: anyone })).rejects.toMatchObject({ code: 'AccessDenied' });
    await account('DeletePublicAccessBlock');
    await call('PutBucketPolicy', { Policy: anyone });
  });

  it('of another account is out of reach', async () => {
    await expect(sandbox.as(other, 's3control', 'GetPublicAccessBlock', { AccountId: own })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  it('keeps other accounts from a bucket that is public already', async () => {
    await unblock();
    await call('PutBucketPolicy', { Policy: anyone });
    await call('PutObject', { Key: 'a', Body: 'text' });
    expect(await foreign('GetObject', { Key: 'a' })).toMatchObject({ ContentLength: 4 });
    await call('PutPublicAccessBlock', {
      PublicAccessBlockConfiguration: { ...nothingBlocked, RestrictPublicBuckets: true },
    });
    await expect(foreign('GetObject', { Key: 'a' })).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(await call('GetObject', { Key: 'a' })).toMatchObject({ ContentLength: 4 });
  });
});

describe('a policy is public', () => {
  const statement = (more: object) => JSON.parse(policy({ Principal: '*', ...more }));
  it.each([
    ['for everyone', {}, true],
    ['for everyone of AWS', { Principal: { AWS: '*' } }, true],
    ['for one account', { Principal: { AWS: own } }, false],
    ['for a service', { Principal: { Service: 'cloudtrail.amazonaws.com' } }, false],
    ['when it only denies', { Effect: 'Deny' }, false],
    [
      'unless it names the organization',
      { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } } },
      false,
    ],
    [
      'unless it names one source',
      { Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:sns:us-east-1:${own}:topic` } } },
      false,
    ],
    ['for a source with a wildcard', { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } } }, true],
    ['unless it names a range of addresses', { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }, false],
    ['for all addresses', { Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }, true],
    ['for a condition that narrows nothing', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
    [
      'for all but one organization',
      { Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } } },
      true,
    ],
  ])('%s: %j', (_, more, expected) => {
    expect(isPublic(statement(more))).toBe(expected);
  });
});

describe('policies', () => {
  it.each([
    ['that is no JSON', 'nonsense'],
    ['of another bucket', theOther.replaceAll(Bucket, 'another')],
  ])('one %s is malformed', async (_, Policy) => {
    await expect(call('PutBucketPolicy', { Policy })).rejects.toMatchObject({ code: 'MalformedPolicy' });
  });

  it('go as they came', async () => {
    await call('PutBucketPolicy', { Policy: theOther });
    expect(await call('GetBucketPolicy')).toEqual({ Policy: theOther });
    await call('DeleteBucketPolicy');
    await expect(call('GetBucketPolicy')).rejects.toMatchObject({ code: 'NoSuchBucketPolicy' });
  });
});

describe('settings', () => {
  it('come back as they were put', async () => {
    await call('PutBucketVersioning', { VersioningConfiguration: { Status: 'Enabled' } });
    expect(await call('GetBucketVersioning')).toEqual({ Status: 'Enabled' });
    await call('PutBucketTagging', { Tagging: { TagSet: [{ Key: 'team', Value: 'web' }] } });
    expect(await call('GetBucketTagging')).toEqual({ TagSet: [{ Key: 'team', Value: 'web' }] });
    await call('PutBucketOwnershipControls', { OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } });
    expect(await call('GetBucketOwnershipControls')).toEqual({
      OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    });
  });

  it('log to a bucket of the same account and Region alone', async () => {
    const logTo = (TargetBucket: string) =>
      call('PutBucketLogging', { BucketLoggingStatus: { LoggingEnabled: { TargetBucket, TargetPrefix: '' } } });
    await foreign('CreateBucket', { Bucket: 'foreign-logs' });
    await expect(logTo('nobodys')).rejects.toMatchObject({ code: 'InvalidTargetBucketForLogging' });
    await expect(logTo('foreign-logs')).rejects.toMatchObject({ code: 'InvalidTargetBucketForLogging' });
    await logTo(Bucket);
    expect(await call('GetBucketLogging')).toMatchObject({ LoggingEnabled: { TargetBucket: Bucket } });
  });
});

describe('objects', () => {
  it('are listed in pages', async () => {
    for (const Key of ['b', 'a', 'c/1', 'c/2']) await call('PutObject', { Key, Body: Key });
    const first = await call('ListObjectsV2', { MaxKeys: 3 });
    expect(first).toMatchObject({
      IsTruncated: true,
      KeyCount: 3,
      Contents: [{ Key: 'a' }, { Key: 'b' }, { Key: 'c/1' }],
    });
    const last = await call('ListObjectsV2', { ContinuationToken: first.NextContinuationToken });
    expect(last).toMatchObject({ IsTruncated: false, Contents: [{ Key: 'c/2' }] });
    expect(await call('ListObjectsV2', { Prefix: 'c/' })).toMatchObject({ KeyCount: 2 });
  });

  it('keep their bucket from deletion', async () => {
    await call('PutObject', { Key: 'a', Body: 'text' });
    await expect(call('DeleteBucket')).rejects.toMatchObject({ code: 'BucketNotEmpty' });
    await call('DeleteObject', { Key: 'a' });
    await call('DeleteBucket');
    await expect(call('HeadBucket')).rejects.toMatchObject({ code: 'NoSuchBucket' });
  });

  it('under a customer key need the key', async () => {
    const { KeyMetadata } = await sandbox.as(own, 'kms', 'CreateKey');
    await call('PutBucketEncryption', {
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KeyMetadata.Arn } }],
      },
    });
    sandbox.kernel.decisions.length = 0;
    await call('PutObject', { Key: 'a', Body: 'secret' });
    await call('GetObject', { Key: 'a' });
    expect(sandbox.kernel.decisions.map(({ action }) => action)).toEqual([
      's3:PutObject',
      'kms:GenerateDataKey',
      's3:GetObject',
      'kms:Decrypt',
    ]);
  });
});

describe('templates', () => {
  it('make a bucket with its policy', async () => {
    const { s3 } = await import('../../../sandbox/services/s3/index.ts');
    const { kernel } = sandbox;
    const place = { partition: 'aws', account: own, region: 'us-east-1' };
    const at = {
      ...place,
      kernel,
      principal: rootOf(own),
      requestId: 'r',
      state: kernel.state(s3, place),
    };
    const make = (type: string, properties: object) =>
      s3.resources![type]!.create(properties, at, { logicalId: 'Logs', stack: 'Audit' });
    const { ref, attributes } = await make('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } });
    expect(attributes).toMatchObject({ Arn: `arn:aws:s3:::${ref}` });
    await make('AWS::S3::BucketPolicy', { Bucket: ref, PolicyDocument: JSON.parse(theOther.replaceAll(Bucket, ref)) });
    expect(await call('GetBucketVersioning', { Bucket: ref })).toEqual({ Status: 'Enabled' });
    expect((await call('GetBucketPolicy', { Bucket: ref })).Policy).toContain(other);
    await expect(make('AWS::S3::Bucket', { Colour: 'red' })).rejects.toThrow(/Logs \(AWS::S3::Bucket\).*Colour/);
  });
});
