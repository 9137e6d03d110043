/**
 * Versions of objects, and Object Lock's default retention.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
import type * as sdk from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { accessDenied, bucketOperation, type S3Operations } from './access.ts';
import { keyEncoding } from './encoding-type.ts';
import type { BucketRecord, ObjectLock, ObjectVersion, S3At, StoredObject } from './state.ts';

const VERSIONS_PER_PAGE = 1000;
const DAY_MS = 86_400_000;
const NULL_VERSION = 'null';

/** Stores an object. In a versioned bucket, it becomes the current version. Returns the version's id. */
export function storeObject(bucket: BucketRecord, key: string, object: StoredObject, at: S3At): string | undefined {
  const versionId = bucket.versioning ? addVersion(bucket, key, { object }, at) : undefined;
  bucket.objects.set(key, object);
  return versionId;
}

/**
 * Adds a version and returns its id. While versioning is suspended, it replaces the null version; all others stay.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VersionSuspendedBehavior.html
 */
function addVersion(bucket: BucketRecord, key: string, content: Pick<ObjectVersion, 'object'>, at: S3At): string {
  const suspended = bucket.versioning === 'Suspended';
  const versions = versionsOf(bucket, key).filter(({ versionId }) => !suspended || versionId !== NULL_VERSION);
  const versionId = suspended ? NULL_VERSION : at.kernel.id('', 32);
  const modifiedAt = at.kernel.clock.now();
  const retention = content.object && bucket.objectLock?.retention;
  versions.push({
    versionId,
    modifiedAt,
    ...content,
    ...(retention && { retention: { mode: retention.mode, until: modifiedAt + retention.days * DAY_MS } }),
  });
  bucket.versions.set(key, versions);
  return versionId;
}

/** Returns an object's versions. One that is older than the bucket's versioning is the null version. */
function versionsOf(bucket: BucketRecord, key: string): ObjectVersion[] {
  const object = bucket.objects.get(key);
  const known = bucket.versions.get(key);
  return known ?? (object ? [{ versionId: NULL_VERSION, modifiedAt: object.modifiedAt, object }] : []);
}

/** Deletes a version. Without a version id, adds a delete marker as the current version, and all others stay. */
export function deleteVersion(
  { Key: key = '', VersionId }: sdk.DeleteObjectCommandInput,
  bucket: BucketRecord,
  at: S3At,
): sdk.DeleteObjectOutput {
  if (VersionId === undefined) {
    const added = addVersion(bucket, key, {}, at);
    bucket.objects.delete(key);
    return { DeleteMarker: true, VersionId: added };
  }
  const versions = versionsOf(bucket, key);
  const version = versions.find(({ versionId }) => versionId === VersionId);
  if (version?.retention && version.retention.until > at.kernel.clock.now())
    throw accessDenied('Access Denied because object protected by object lock.');
  const remaining = versions.filter((each) => each !== version);
  if (remaining.length > 0) bucket.versions.set(key, remaining);
  else bucket.versions.delete(key);
  const current = remaining.at(-1)?.object;
  if (current) bucket.objects.set(key, current);
  else bucket.objects.delete(key);
  return { VersionId, ...(version && !version.object && { DeleteMarker: true }) };
}

/** @throws AwsError NoSuchVersion, MethodNotAllowed for a delete marker */
export function objectOfVersion(bucket: BucketRecord, key: string, versionId: string): StoredObject {
  const version = versionsOf(bucket, key).find((each) => each.versionId === versionId);
  if (!version)
    throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, {
      Key: key,
      VersionId: versionId,
    });
  if (!version.object)
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  return version.object;
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: an object with a retention period needs a
 * checksum of its sender.
 */
export function checkLockedPut(input: sdk.PutObjectCommandInput, { objectLock }: BucketRecord): void {
  const hasChecksum =
    input.ContentMD5 !== undefined ||
    Object.entries(input).some(([member, value]) => /^Checksum(?!Algorithm)/.test(member) && value !== undefined);
  if (objectLock?.retention && !hasChecksum)
    throw new AwsError(
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function checkIfNoneMatch(condition: string | undefined, bucket: BucketRecord, key: string): void {
  if (condition === undefined) return;
  if (condition !== '*')
    throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
      Header: 'If-None-Match',
    });
  if (bucket.objects.has(key))
    throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
      Condition: 'If-None-Match',
    });
}

export const objectVersionOperations: S3Operations = {
  ListObjectVersions: bucketOperation(
    'ListObjectVersions',
    'ListBucketVersions',
    ['Prefix', 'KeyMarker', 'VersionIdMarker', 'MaxKeys', 'EncodingType'],
    listVersions,
    ({ Prefix }) => ({ 's3:prefix': Prefix ?? '' }),
  ),
  GetObjectLockConfiguration: bucketOperation(
    'GetObjectLockConfiguration',
    'GetBucketObjectLockConfiguration',
    [],
    ({ Bucket }, { objectLock }) => {
      if (!objectLock)
        throw new AwsError(
          'ObjectLockConfigurationNotFoundError',
          'Object Lock configuration does not exist for this bucket',
          404,
          { BucketName: Bucket },
        );
      const { retention } = objectLock;
      return {
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          ...(retention && { Rule: { DefaultRetention: { Mode: retention.mode, Days: retention.days } } }),
        },
      };
    },
  ),
  PutObjectLockConfiguration: bucketOperation(
    'PutObjectLockConfiguration',
    'PutBucketObjectLockConfiguration',
    ['ObjectLockConfiguration'],
    ({ ObjectLockConfiguration }, bucket) => {
      if (!bucket.versioning)
        throw new AwsError('InvalidBucketState', 'Versioning must be "Enabled" on the bucket', 409);
      bucket.objectLock = { retention: retentionOf(ObjectLockConfiguration?.Rule?.DefaultRetention) };
      return {};
    },
  ),
};

function retentionOf(retention: sdk.DefaultRetention | undefined): ObjectLock['retention'] {
  if (!retention) return undefined;
  const { Mode, Days, Years } = retention;
  if (Years !== undefined) throw notModelled('a retention in years');
  if (!Mode || !Days) throw new AwsError('MalformedXML', 'The XML you provided was not well-formed', 400);
  return { mode: Mode, days: Days };
}

/** Keys in order, and of each key the newest version first. */
function listVersions(input: sdk.ListObjectVersionsCommandInput, bucket: BucketRecord): sdk.ListObjectVersionsOutput {
  const { Prefix = '', KeyMarker, VersionIdMarker, MaxKeys = VERSIONS_PER_PAGE } = input;
  const keys = [...new Set([...bucket.versions.keys(), ...bucket.objects.keys()])].sort();
  const all = keys
    .filter((key) => key.startsWith(Prefix))
    .flatMap((Key) => {
      const versions = versionsOf(bucket, Key);
      return versions.map((version) => ({ Key, version, isLatest: version === versions.at(-1) })).reverse();
    });
  const after = all.findIndex(({ Key, version }) =>
    VersionIdMarker === undefined ? Key === KeyMarker : Key === KeyMarker && version.versionId === VersionIdMarker,
  );
  const rest = KeyMarker === undefined ? all : all.slice(after + 1);
  const page = rest.slice(0, Math.min(MaxKeys, VERSIONS_PER_PAGE));
  const last = page.at(-1);
  const encoded = keyEncoding(input.EncodingType);
  const facts = ({ Key, version, isLatest }: (typeof page)[number]) => ({
    Key: encoded(Key),
    VersionId: version.versionId,
    IsLatest: isLatest,
    LastModified: new Date(version.modifiedAt),
  });
  return {
    Name: bucket.name,
    Prefix: encoded(Prefix),
    EncodingType: input.EncodingType,
    MaxKeys,
    IsTruncated: rest.length > page.length,
    ...(rest.length > page.length && {
      NextKeyMarker: encoded(last!.Key),
      NextVersionIdMarker: last?.version.versionId,
    }),
    Versions: page
      .filter(({ version }) => version.object)
      .map((each) => ({ ...facts(each), ETag: each.version.object!.etag, Size: each.version.object!.body.length })),
    DeleteMarkers: page.filter(({ version }) => !version.object).map(facts),
  };
}
