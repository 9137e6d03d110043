import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPublicPolicy } from '../../../sandbox/services/s3/public-policy.ts';
import { OTHER_ACCOUNT, OWN_ACCOUNT, rootOf, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
const BUCKET = 'reports-1111';
const call = (operation: string, input: object = {}, region?: string) =>
  sandbox.as(OWN_ACCOUNT, 's3', operation, { Bucket: BUCKET, ...input }, region);
const callFromOther = (operation: string, input: object = {}) =>
  sandbox.as(OTHER_ACCOUNT, 's3', operation, { Bucket: BUCKET, ...input });
const policy = (statement: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/*`, ...statement }],
  });
const PUBLIC_POLICY = policy({ Principal: '*' });
const OTHER_ACCOUNT_POLICY = policy({ Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` } });
const NO_BLOCK = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};
const unblock = () => call('PutPublicAccessBlock', { PublicAccessBlockConfiguration: NO_BLOCK });

beforeEach(async () => {
  sandbox = await twoAccounts();
  await call('CreateBucket');
});
afterEach(() => sandbox.close());

describe('a new bucket', () => {
  it('has all four public access blocks, encryption and no ACLs', async () => {
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
    ['with the name of a bucket of another account', () => callFromOther('CreateBucket'), 'BucketAlreadyExists'],
    ['with an invalid name', () => call('CreateBucket', { Bucket: 'Reports' }), 'InvalidBucketName'],
    [
      'with tags, which are not modelled',
      () => call('CreateBucket', { Bucket: 'tagged', CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: 'b' }] } }),
      'NotModelled',
    ],
    [
      'in eu-west-1 without a LocationConstraint',
      () => call('CreateBucket', { Bucket: 'eu-reports' }, 'eu-west-1'),
      'IllegalLocationConstraintException',
    ],
  ])('is refused %s', async (_, attempt, code) => {
    await expect(attempt()).rejects.toMatchObject({ code });
  });

  it('can be created again by its owner in us-east-1', async () => {
    await call('PutObject', { Key: 'a', Body: 'kept' });
    await call('CreateBucket');
    expect(await call('ListObjectsV2')).toMatchObject({ KeyCount: 1 });
  });
});

describe('a missing setting', () => {
  it.each([
    ['GetBucketPolicy', 'NoSuchBucketPolicy'],
    ['GetBucketPolicyStatus', 'NoSuchBucketPolicy'],
    ['GetBucketTagging', 'NoSuchTagSet'],
  ])('%s fails with %s', async (operation, code) => {
    await expect(call(operation)).rejects.toMatchObject({ code, status: 404 });
  });

  it('PutPublicAccessBlock refuses a configuration that names no setting', async () => {
    const before = await call('GetPublicAccessBlock');
    await expect(call('PutPublicAccessBlock', { PublicAccessBlockConfiguration: {} })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
    expect(await call('GetPublicAccessBlock')).toEqual(before);
  });

  it('GetPublicAccessBlock fails after its deletion', async () => {
    await call('DeletePublicAccessBlock');
    await expect(call('GetPublicAccessBlock')).rejects.toMatchObject({
      code: 'NoSuchPublicAccessBlockConfiguration',
      status: 404,
    });
  });
});

describe('access to a bucket', () => {
  it.each([
    [
      'that does not exist',
      () => call('GetBucketPolicy', { Bucket: 'missing' }),
      { code: 'NoSuchBucket', status: 404 },
    ],
    [
      'from another Region',
      () => call('GetPublicAccessBlock', {}, 'eu-west-1'),
      { code: 'PermanentRedirect', status: 301 },
    ],
    [
      'of another owner than expected',
      () => call('GetPublicAccessBlock', { ExpectedBucketOwner: OTHER_ACCOUNT }),
      { code: 'AccessDenied', status: 403 },
    ],
    [
      'of an expected owner that is not an account',
      () => call('GetPublicAccessBlock', { ExpectedBucketOwner: 'me' }),
      { code: 'InvalidBucketOwnerAWSAccountID', status: 400 },
    ],
    ['from another account', () => callFromOther('GetPublicAccessBlock'), { code: 'AccessDenied', status: 403 }],
  ])('%s is refused', async (_, attempt, error) => {
    await expect(attempt()).rejects.toMatchObject(error);
  });

  it('from another account is allowed by the policy', async () => {
    await call('PutObject', { Key: 'a', Body: 'text' });
    await expect(callFromOther('GetObject', { Key: 'a' })).rejects.toMatchObject({ code: 'AccessDenied' });
    await call('PutBucketPolicy', { Policy: OTHER_ACCOUNT_POLICY });
    expect(Buffer.from((await callFromOther('GetObject', { Key: 'a' })).Body).toString()).toBe('text');
  });

  it("is authorized by IAM's names of the actions", async () => {
    const { decisions } = sandbox.kernel;
    decisions.length = 0;
    await call('PutPublicAccessBlock', { PublicAccessBlockConfiguration: NO_BLOCK });
    await call('HeadBucket');
    await call('PutBucketEncryption', {
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
      },
    });
    const arn = `arn:aws:s3:::${BUCKET}`;
    expect(decisions.map(({ action, resource }) => [action, resource])).toEqual([
      ['s3:PutBucketPublicAccessBlock', arn],
      ['s3:ListBucket', arn],
      ['s3:PutEncryptionConfiguration', arn],
    ]);
  });
});

describe('website hosting', () => {
  it('is off until it is set, and can be deleted', async () => {
    const none = { code: 'NoSuchWebsiteConfiguration' };
    await expect(call('GetBucketWebsite')).rejects.toMatchObject(none);
    const WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' } };
    await call('PutBucketWebsite', { WebsiteConfiguration });
    expect(await call('GetBucketWebsite')).toEqual(WebsiteConfiguration);
    await call('DeleteBucketWebsite');
    await expect(call('GetBucketWebsite')).rejects.toMatchObject(none);
  });

  it('requires an index document or a redirect', async () => {
    await expect(call('PutBucketWebsite', { WebsiteConfiguration: {} })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
  });
});

describe('block public access', () => {
  it('of the bucket refuses a public policy', async () => {
    await expect(call('PutBucketPolicy', { Policy: PUBLIC_POLICY })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('BlockPublicPolicy'),
    });
    await unblock();
    await call('PutBucketPolicy', { Policy: PUBLIC_POLICY });
    expect(await call('GetBucketPolicyStatus')).toEqual({ PolicyStatus: { IsPublic: true } });
  });

  it('of the account applies to all its buckets', async () => {
    await unblock();
    const account = (operation: string, input: object = {}) =>
      sandbox.as(OWN_ACCOUNT, 's3control', operation, { AccountId: OWN_ACCOUNT, ...input });
    await expect(account('GetPublicAccessBlock')).rejects.toMatchObject({
      code: 'NoSuchPublicAccessBlockConfiguration',
    });
    await account('PutPublicAccessBlock', { PublicAccessBlockConfiguration: { BlockPublicPolicy: true } });
    expect(await account('GetPublicAccessBlock')).toEqual({
      PublicAccessBlockConfiguration: { ...NO_BLOCK, BlockPublicPolicy: true },
    });
    await expect(call('PutBucketPolicy', { Policy: PUBLIC_POLICY })).rejects.toMatchObject({ code: 'AccessDenied' });
    await account('DeletePublicAccessBlock');
    await call('PutBucketPolicy', { Policy: PUBLIC_POLICY });
  });

  it('of another account cannot be changed', async () => {
    await expect(
      sandbox.as(OTHER_ACCOUNT, 's3control', 'GetPublicAccessBlock', { AccountId: OWN_ACCOUNT }),
    ).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  it('keeps other accounts from a bucket with a public policy', async () => {
    await unblock();
    await call('PutBucketPolicy', { Policy: PUBLIC_POLICY });
    await call('PutObject', { Key: 'a', Body: 'text' });
    expect(await callFromOther('GetObject', { Key: 'a' })).toMatchObject({ ContentLength: 4 });
    await call('PutPublicAccessBlock', {
      PublicAccessBlockConfiguration: { ...NO_BLOCK, RestrictPublicBuckets: true },
    });
    await expect(callFromOther('GetObject', { Key: 'a' })).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(await call('GetObject', { Key: 'a' })).toMatchObject({ ContentLength: 4 });
  });
});

describe('a policy is public', () => {
  const statement = (more: object) => JSON.parse(policy({ Principal: '*', ...more }));
  it.each([
    ['for everyone', {}, true],
    ['for every AWS account', { Principal: { AWS: '*' } }, true],
    ['for one account', { Principal: { AWS: OWN_ACCOUNT } }, false],
    ['for a service', { Principal: { Service: 'cloudtrail.amazonaws.com' } }, false],
    ['unless it only denies', { Effect: 'Deny' }, false],
    [
      'unless it names the organization',
      { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } } },
      false,
    ],
    [
      'unless it names one source',
      { Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:sns:us-east-1:${OWN_ACCOUNT}:topic` } } },
      false,
    ],
    ['for a source with a wildcard', { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } } }, true],
    [
      'unless it limits the addresses to a range',
      { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } },
      false,
    ],
    ['for all addresses', { Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }, true],
    ['for a condition that limits nothing', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
    [
      'for all but one organization',
      { Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } } },
      true,
    ],
  ])('%s: %j', (_, more, expected) => {
    expect(isPublicPolicy(statement(more))).toBe(expected);
  });
});

describe('policies', () => {
  it.each([
    ['that is not JSON', 'nonsense'],
    ['of another bucket', OTHER_ACCOUNT_POLICY.replaceAll(BUCKET, 'another')],
  ])('a policy %s is malformed', async (_, Policy) => {
    await expect(call('PutBucketPolicy', { Policy })).rejects.toMatchObject({ code: 'MalformedPolicy' });
  });

  it('are returned and deleted unchanged', async () => {
    await call('PutBucketPolicy', { Policy: OTHER_ACCOUNT_POLICY });
    expect(await call('GetBucketPolicy')).toEqual({ Policy: OTHER_ACCOUNT_POLICY });
    await call('DeleteBucketPolicy');
    await expect(call('GetBucketPolicy')).rejects.toMatchObject({ code: 'NoSuchBucketPolicy' });
  });
});

describe('settings', () => {
  it('are returned as they were put', async () => {
    await call('PutBucketVersioning', { VersioningConfiguration: { Status: 'Enabled' } });
    expect(await call('GetBucketVersioning')).toEqual({ Status: 'Enabled' });
    await call('PutBucketTagging', { Tagging: { TagSet: [{ Key: 'team', Value: 'web' }] } });
    expect(await call('GetBucketTagging')).toEqual({ TagSet: [{ Key: 'team', Value: 'web' }] });
    await call('PutBucketOwnershipControls', { OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } });
    expect(await call('GetBucketOwnershipControls')).toEqual({
      OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    });
  });

  it('have no ownership controls once they are deleted', async () => {
    await call('DeleteBucketOwnershipControls');
    await expect(call('GetBucketOwnershipControls')).rejects.toMatchObject({ code: 'OwnershipControlsNotFoundError' });
  });

  it('grant by ACL, and can disable ACLs only if they grant nothing to others', async () => {
    const controls = (ObjectOwnership: string) =>
      call('PutBucketOwnershipControls', { OwnershipControls: { Rules: [{ ObjectOwnership }] } });
    await controls('BucketOwnerPreferred');
    const { Owner, Grants } = await call('GetBucketAcl');
    expect(Grants).toEqual([{ Grantee: { ...Owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
    const other = { Grantee: { Type: 'CanonicalUser', ID: 'f'.repeat(64) }, Permission: 'READ' };
    await call('PutBucketAcl', { AccessControlPolicy: { Owner, Grants: [...Grants, other] } });
    expect((await call('GetBucketAcl')).Grants).toEqual([...Grants, other]);
    await expect(controls('BucketOwnerEnforced')).rejects.toMatchObject({
      code: 'InvalidBucketAclWithObjectOwnership',
    });
    await expect(call('PutBucketAcl', { ACL: 'public-read' })).rejects.toMatchObject({ code: 'AccessDenied' });
    await call('PutBucketAcl', { ACL: 'private' });
    await controls('BucketOwnerEnforced');
  });

  it('have lifecycle rules, each with an id', async () => {
    const put = (...Rules: object[]) => call('PutBucketLifecycleConfiguration', { LifecycleConfiguration: { Rules } });
    const get = () => call('GetBucketLifecycleConfiguration');
    const rule = { Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } };
    await expect(get()).rejects.toMatchObject({ code: 'NoSuchLifecycleConfiguration' });
    await put({ ...rule, ID: 'old' }, rule);
    expect((await get()).Rules).toMatchObject([{ ID: 'old', Expiration: { Days: 30 } }, { ID: expect.any(String) }]);
    await expect(put({ Status: 'Enabled', Filter: {} })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(put({ ...rule, ID: 'old' }, { ...rule, ID: 'old' })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    await call('DeleteBucketLifecycle');
    await expect(get()).rejects.toMatchObject({ code: 'NoSuchLifecycleConfiguration' });
  });

  it('log only to a bucket in the same account and Region', async () => {
    const logTo = (TargetBucket: string) =>
      call('PutBucketLogging', { BucketLoggingStatus: { LoggingEnabled: { TargetBucket, TargetPrefix: '' } } });
    await callFromOther('CreateBucket', { Bucket: 'foreign-logs' });
    await expect(logTo('missing')).rejects.toMatchObject({ code: 'InvalidTargetBucketForLogging' });
    await expect(logTo('foreign-logs')).rejects.toMatchObject({ code: 'InvalidTargetBucketForLogging' });
    await logTo(BUCKET);
    expect(await call('GetBucketLogging')).toMatchObject({ LoggingEnabled: { TargetBucket: BUCKET } });
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
    const rolledUp = await call('ListObjectsV2', { Delimiter: '/' });
    expect(rolledUp.CommonPrefixes).toEqual([{ Prefix: 'c/' }]);
    expect(rolledUp.Contents.map(({ Key }: { Key: string }) => Key)).toEqual(['a', 'b']);
    expect(rolledUp.KeyCount).toBe(3);
    expect((await call('ListObjectsV2', { Delimiter: '/', Prefix: 'c/' })).Contents).toHaveLength(2);
    expect(await call('ListObjectsV2', { Delimiter: '/', MaxKeys: 1, Prefix: 'c' })).toMatchObject({
      IsTruncated: false,
    });
  });

  it('prevent the deletion of their bucket', async () => {
    await call('PutObject', { Key: 'a', Body: 'text' });
    await expect(call('DeleteBucket')).rejects.toMatchObject({ code: 'BucketNotEmpty' });
    await call('DeleteObject', { Key: 'a' });
    await call('DeleteBucket');
    await expect(call('HeadBucket')).rejects.toMatchObject({ code: 'NoSuchBucket' });
  });

  it('under a customer managed key need permission for the key', async () => {
    const { KeyMetadata } = await sandbox.as(OWN_ACCOUNT, 'kms', 'CreateKey');
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
  it('create a bucket with its policy', async () => {
    const { s3 } = await import('../../../sandbox/services/s3/index.ts');
    const { kernel } = sandbox;
    const place = { partition: 'aws', account: OWN_ACCOUNT, region: 'us-east-1' };
    const at = {
      ...place,
      kernel,
      principal: rootOf(OWN_ACCOUNT),
      requestId: 'r',
      state: kernel.state(s3, place),
    };
    const make = (type: string, properties: object) =>
      s3.resources![type]!.create(properties, at, { logicalId: 'Logs', stack: 'Audit' });
    const { ref, attributes } = await make('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } });
    expect(attributes).toMatchObject({ Arn: `arn:aws:s3:::${ref}` });
    await make('AWS::S3::BucketPolicy', {
      Bucket: ref,
      PolicyDocument: JSON.parse(OTHER_ACCOUNT_POLICY.replaceAll(BUCKET, ref)),
    });
    expect(await call('GetBucketVersioning', { Bucket: ref })).toEqual({ Status: 'Enabled' });
    expect((await call('GetBucketPolicy', { Bucket: ref })).Policy).toContain(OTHER_ACCOUNT);
    await expect(make('AWS::S3::Bucket', { Colour: 'red' })).rejects.toThrow(/Logs \(AWS::S3::Bucket\).*Colour/);
  });
});

it.each([
  ['Reports_2015', 'NoSuchBucket'],
  ['no/bucket', 'InvalidBucketName'],
  ['ab', 'InvalidBucketName'],
])('answers for the missing bucket %s with %s', async (Bucket, code) => {
  await expect(call('GetBucketAcl', { Bucket })).rejects.toMatchObject({ code });
});

it('refuses a public access block that names no setting', async () => {
  const PublicAccessBlockConfiguration = {};
  await expect(call('PutPublicAccessBlock', { PublicAccessBlockConfiguration })).rejects.toMatchObject({
    code: 'InvalidRequest',
  });
  const account = { AccountId: OWN_ACCOUNT, PublicAccessBlockConfiguration };
  await expect(sandbox.as(OWN_ACCOUNT, 's3control', 'PutPublicAccessBlock', account)).rejects.toMatchObject({
    code: 'InvalidRequest',
  });
});
