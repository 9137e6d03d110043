import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { bucketOperation, type S3Operations } from './access.ts';
import { invalidContinuationToken } from './buckets.ts';
import { keyEncoding } from './encoding-type.ts';
import type { BucketRecord, StoredObject } from './state.ts';
import { checkIfNoneMatch, checkLockedPut, deleteVersion, objectOfVersion, storeObject } from './versions.ts';

const KEYS_PER_PAGE = 1000;
const CHECKSUMS = ['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'] as const;

export const objectOperations: S3Operations = {
  PutObject: bucketOperation(
    'PutObject',
    'PutObject',
    ['Key', 'Body', 'ContentLength', 'ContentType', 'Metadata', 'IfNoneMatch', ...CHECKSUMS],
    async (input: sdk.PutObjectCommandInput, bucket, at) => {
      const body = await readBody(input.Body);
      const key = input.Key!;
      checkLockedPut(input, bucket);
      checkIfNoneMatch(input.IfNoneMatch, bucket, key);
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      const object: StoredObject = {
        body,
        etag,
        modifiedAt: at.kernel.clock.now(),
        contentType: input.ContentType ?? 'application/octet-stream',
        metadata: input.Metadata ?? {},
        ...encryptionOf(bucket),
      };
      const VersionId = storeObject(bucket, key, object, at);
      return { ETag: etag, VersionId, ServerSideEncryption: object.algorithm, SSEKMSKeyId: object.keyId };
    },
    ({ IfNoneMatch }) => ({
      's3:ObjectCreationOperation': 'true',
      ...(IfNoneMatch !== undefined && { 's3:if-none-match': IfNoneMatch }),
    }),
  ),
  GetObject: bucketOperation('GetObject', 'GetObject', ['Key', 'VersionId', 'ChecksumMode'], (input, bucket) => {
    const { Key, VersionId } = input;
    const object =
      VersionId === undefined
        ? objectIn(bucket, Key, 'NoSuchKey', 'The specified key does not exist.')
        : objectOfVersion(bucket, Key!, VersionId);
    // The wire sends bytes, from which the client makes a stream.
    return { ...headersOf(object), VersionId, Body: object.body as unknown as sdk.GetObjectCommandOutput['Body'] };
  }),
  HeadObject: bucketOperation('HeadObject', 'GetObject', ['Key', 'ChecksumMode'], (input, bucket) =>
    headersOf(objectIn(bucket, input.Key, 'NotFound', 'Not Found')),
  ),
  DeleteObject: bucketOperation(
    'DeleteObject',
    'DeleteObject',
    ['Key', 'VersionId'],
    (input: sdk.DeleteObjectCommandInput, bucket, at): sdk.DeleteObjectOutput => {
      if (bucket.versioning) return deleteVersion(input, bucket, at);
      bucket.objects.delete(input.Key!);
      return {};
    },
  ),
  ListObjectsV2: {
    ...bucketOperation(
      'ListObjectsV2',
      'ListBucket',
      ['Prefix', 'Delimiter', 'MaxKeys', 'ContinuationToken', 'StartAfter', 'EncodingType'],
      (input: sdk.ListObjectsV2CommandInput, bucket) => {
        const { Prefix = '', Delimiter, StartAfter = '', ContinuationToken, MaxKeys = KEYS_PER_PAGE } = input;
        const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
        const entries = rolledUp(keys, Prefix, Delimiter);
        const page = pageOf(entries, ContinuationToken, Math.min(MaxKeys, KEYS_PER_PAGE), invalidContinuationToken);
        const encoded = keyEncoding(input.EncodingType);
        return {
          Name: bucket.name,
          Prefix: encoded(Prefix),
          ...(Delimiter && { Delimiter: encoded(Delimiter) }),
          EncodingType: input.EncodingType,
          MaxKeys,
          KeyCount: page.items.length,
          IsTruncated: page.nextToken !== undefined,
          NextContinuationToken: page.nextToken,
          Contents: page.items.flatMap(({ key, isPrefix }) =>
            isPrefix ? [] : [describeObject(encoded(key), bucket.objects.get(key)!)],
          ),
          ...(Delimiter && {
            CommonPrefixes: page.items.flatMap(({ key, isPrefix }) => (isPrefix ? [{ Prefix: encoded(key) }] : [])),
          }),
        };
      },
      ({ Prefix, Delimiter, MaxKeys }) => ({
        ...(Prefix !== undefined && { 's3:prefix': Prefix }),
        ...(Delimiter !== undefined && { 's3:delimiter': Delimiter }),
        ...(MaxKeys !== undefined && { 's3:max-keys': String(MaxKeys) }),
      }),
    ),
  },
};

type Entry = { readonly key: string; readonly isPrefix: boolean };

/** Returns the keys in order, with one entry for all that share what comes before the first delimiter after the prefix. */
function rolledUp(keys: readonly string[], prefix: string, delimiter: string | undefined): Entry[] {
  const entries = new Map<string, Entry>();
  for (const key of keys) {
    const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const common = at === -1 ? key : key.slice(0, at + delimiter!.length);
    entries.set(common, { key: common, isPrefix: at !== -1 });
  }
  return [...entries.values()];
}

function objectIn(bucket: BucketRecord, key: string | undefined, code: string, message: string): StoredObject {
  const object = bucket.objects.get(key ?? '');
  if (!object) throw new AwsError(code, message, 404, { Key: key });
  return object;
}

const headersOf = (stored: StoredObject) => ({
  ContentLength: stored.body.length,
  ContentType: stored.contentType,
  ETag: stored.etag,
  LastModified: new Date(stored.modifiedAt),
  Metadata: { ...stored.metadata },
  ServerSideEncryption: stored.algorithm,
  SSEKMSKeyId: stored.keyId,
});

const describeObject = (key: string, stored: StoredObject): sdk._Object => ({
  Key: key,
  ETag: stored.etag,
  Size: stored.body.length,
  LastModified: new Date(stored.modifiedAt),
  StorageClass: 'STANDARD',
});

const encryptionOf = ({ encryption }: BucketRecord): Pick<StoredObject, 'algorithm' | 'keyId'> => {
  const { SSEAlgorithm, KMSMasterKeyID } = encryption.ApplyServerSideEncryptionByDefault ?? {};
  return { algorithm: (SSEAlgorithm ?? 'AES256') as StoredObject['algorithm'], keyId: KMSMasterKeyID };
};

async function readBody(body: unknown): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string' || body instanceof Uint8Array) return new Uint8Array(Buffer.from(body));
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}
