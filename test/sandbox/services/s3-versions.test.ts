import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OWN_ACCOUNT, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

const BUCKET = 'originals-1111';
const RETENTION = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } } };
const DAY_MS = 86_400_000;

let sandbox: TwoAccounts;
const call = (operation: string, input: object = {}) =>
  sandbox.as(OWN_ACCOUNT, 's3', operation, { Bucket: BUCKET, ...input });
const put = (Body: string, more: object = {}) => call('PutObject', { Key: 'a', Body, ChecksumCRC32: 'x', ...more });
const textOf = async (input: object) => Buffer.from((await call('GetObject', { Key: 'a', ...input })).Body).toString();

beforeEach(async () => {
  sandbox = await twoAccounts();
  await call('CreateBucket', { ObjectLockEnabledForBucket: true });
});
afterEach(() => sandbox.close());

describe('versions', () => {
  it('are listed newest first and read by their id; a delete marker hides them', async () => {
    const { VersionId: first } = await put('1');
    const { VersionId: second } = await put('2');
    const { Versions } = await call('ListObjectVersions', { Prefix: 'a' });
    expect(Versions.map(({ VersionId, IsLatest }: any) => [VersionId, IsLatest])).toEqual([
      [second, true],
      [first, false],
    ]);
    expect([await textOf({}), await textOf({ VersionId: first })]).toEqual(['2', '1']);

    const { VersionId: marker } = await call('DeleteObject', { Key: 'a' });
    await expect(textOf({})).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(textOf({ VersionId: marker })).rejects.toMatchObject({ code: 'MethodNotAllowed' });
    await expect(textOf({ VersionId: 'other' })).rejects.toMatchObject({ code: 'NoSuchVersion' });
    expect(await textOf({ VersionId: first })).toBe('1');
    expect((await call('ListObjectVersions')).DeleteMarkers).toMatchObject([{ VersionId: marker, IsLatest: true }]);
  });

  it('are listed with encoded keys for clients that ask for it, as those of Python do', async () => {
    await call('PutObject', { Key: 'a/b c+d', Body: new Uint8Array() });
    const listed = await call('ListObjectVersions', { Prefix: 'a/b c', EncodingType: 'url' });
    expect(listed).toMatchObject({ EncodingType: 'url', Prefix: 'a/b+c', Versions: [{ Key: 'a/b+c%2Bd' }] });
    expect((await call('ListObjectsV2', { Prefix: 'a/b', EncodingType: 'url' })).Contents).toMatchObject([
      { Key: 'a/b+c%2Bd' },
    ]);
    await expect(call('ListObjectVersions', { EncodingType: 'none' })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
  });

  it('are listed in pages', async () => {
    for (const text of ['1', '2', '3']) await put(text);
    const page = await call('ListObjectVersions', { MaxKeys: 2 });
    expect(page).toMatchObject({ IsTruncated: true, NextKeyMarker: 'a' });
    const { Versions, IsTruncated } = await call('ListObjectVersions', {
      KeyMarker: page.NextKeyMarker,
      VersionIdMarker: page.NextVersionIdMarker,
    });
    expect([Versions.length, IsTruncated]).toEqual([1, false]);
  });
});

describe('while versioning is suspended', () => {
  const Bucket = 'suspended-1111';
  const inIt = (operation: string, input: object = {}) => call(operation, { Bucket, ...input });
  const versioning = (Status: string) => inIt('PutBucketVersioning', { VersioningConfiguration: { Status } });
  const write = (Body: string) => inIt('PutObject', { Key: 'a', Body });
  const ids = (versions: any[]) => versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]);
  let kept: string;
  beforeEach(async () => {
    await inIt('CreateBucket');
    await write('older');
    await versioning('Enabled');
    kept = (await write('kept')).VersionId;
    await versioning('Suspended');
  });

  it('a write replaces the null version, and keeps the others', async () => {
    await write('new');
    expect(ids((await inIt('ListObjectVersions')).Versions)).toEqual([
      ['null', true],
      [kept, false],
    ]);
    expect([await textOf({ Bucket }), await textOf({ Bucket, VersionId: 'null' })]).toEqual(['new', 'new']);
    expect(await textOf({ Bucket, VersionId: kept })).toBe('kept');
  });

  it('a deletion puts a marker in the place of the null version', async () => {
    expect(await inIt('DeleteObject', { Key: 'a' })).toEqual({ DeleteMarker: true, VersionId: 'null' });
    const { Versions, DeleteMarkers } = await inIt('ListObjectVersions');
    expect([ids(Versions), ids(DeleteMarkers)]).toEqual([[[kept, false]], [['null', true]]]);
    await expect(textOf({ Bucket })).rejects.toMatchObject({ code: 'NoSuchKey' });
  });
});

describe('a write with If-None-Match', () => {
  it('fails if the key has an object, and not after it was deleted', async () => {
    await put('1', { IfNoneMatch: '*' });
    await expect(put('2', { IfNoneMatch: '*' })).rejects.toMatchObject({ code: 'PreconditionFailed', status: 412 });
    await call('DeleteObject', { Key: 'a' });
    await put('3', { IfNoneMatch: '*' });
    expect((await call('ListObjectVersions')).Versions).toHaveLength(2);
  });

  it('accepts only *', async () => {
    await expect(put('1', { IfNoneMatch: '"etag"' })).rejects.toMatchObject({ code: 'NotImplemented', status: 501 });
  });

  it('can be required by the bucket policy', async () => {
    const Statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${BUCKET}/*`,
      Condition: { Null: { 's3:if-none-match': 'true' } },
    };
    await call('PutBucketPolicy', { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
    await expect(put('1')).rejects.toMatchObject({ code: 'AccessDenied' });
    await put('1', { IfNoneMatch: '*' });
  });
});

describe("Object Lock's default retention", () => {
  beforeEach(() => call('PutObjectLockConfiguration', { ObjectLockConfiguration: RETENTION }));

  it('prevents the deletion of a version until it ends', async () => {
    const { VersionId } = await put('1');
    const remove = () => call('DeleteObject', { Key: 'a', VersionId });
    await expect(remove()).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(await textOf({ VersionId })).toBe('1');
    await sandbox.kernel.clock.advance(DAY_MS + 1);
    await remove();
    expect((await call('ListObjectVersions')).Versions).toEqual([]);
  });

  it('needs a checksum of the sender', async () => {
    await expect(put('1', { ChecksumCRC32: undefined })).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('can be read, and needs a versioned bucket', async () => {
    expect(await call('GetObjectLockConfiguration')).toEqual({ ObjectLockConfiguration: RETENTION });
    await call('CreateBucket', { Bucket: 'plain-1111' });
    const plain = { Bucket: 'plain-1111', ObjectLockConfiguration: RETENTION };
    await expect(call('PutObjectLockConfiguration', plain)).rejects.toMatchObject({ code: 'InvalidBucketState' });
    await expect(call('GetObjectLockConfiguration', { Bucket: 'plain-1111' })).rejects.toMatchObject({
      code: 'ObjectLockConfigurationNotFoundError',
    });
  });
});
