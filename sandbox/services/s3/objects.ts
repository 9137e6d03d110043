/**
 * Objects, in one version each: put, got, listed, deleted.
 */
import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled, pageOf } from '../requests.ts';
import { onBucket, type S3Operations } from './access.ts';
import { invalidToken } from './buckets.ts';
import type { Bucket, StoredObject } from './state.ts';

const KEYS_A_PAGE = 1000;
const CHECKSUMS = ['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'] as const;

export const objectOperations: S3Operations = {
  PutObject: onBucket(
    'PutObject',
    'PutObject',
    ['Key', 'Body', 'ContentLength', 'ContentType', 'Metadata', ...CHECKSUMS],
    async (input, bucket, at) => {
      const body = await bytesOf(input.Body);
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      bucket.objects.set(input.Key!, {
        body,
        etag,
        modified: at.kernel.clock.now(),
        contentType: input.ContentType ?? 'application/octet-stream',
        metadata: input.Metadata ?? {},
        ...encryptionOf(bucket),
      });
      const { algorithm, keyId } = encryptionOf(bucket);
      return { ETag: etag, ServerSideEncryption: algorithm, SSEKMSKeyId: keyId };
    },
  ),
  GetObject: onBucket('GetObject', 'GetObject', ['Key', 'ChecksumMode'], (input, bucket) => {
    const found = objectIn(bucket, input.Key, 'NoSuchKey', 'The specified key does not exist.');
    // The wire sends bytes; on the other side the client makes a stream of them.
    return { ...headersOf(found), Body: found.body as unknown as sdk.GetObjectCommandOutput['Body'] };
  }),
  HeadObject: onBucket('HeadObject', 'GetObject', ['Key', 'ChecksumMode'], (input, bucket) =>
    headersOf(objectIn(bucket, input.Key, 'NotFound', 'Not Found')),
  ),
  DeleteObject: onBucket('DeleteObject', 'DeleteObject', ['Key'], (input, bucket) => {
    if (bucket.versioning) throw notModelled('deleting objects of a versioned bucket');
    bucket.objects.delete(input.Key!);
    return {};
  }),
  ListObjectsV2: {
    ...onBucket(
      'ListObjectsV2',
      'ListBucket',
      ['Prefix', 'MaxKeys', 'ContinuationToken', 'StartAfter'],
      (input: sdk.ListObjectsV2CommandInput, bucket) => {
        const { Prefix = '', StartAfter = '', ContinuationToken, MaxKeys = KEYS_A_PAGE } = input;
        const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
        const page = pageOf(keys, ContinuationToken, Math.min(MaxKeys, KEYS_A_PAGE), invalidToken);
        return {
          Name: bucket.name,
          Prefix,
          MaxKeys,
          KeyCount: page.items.length,
          IsTruncated: page.nextToken !== undefined,
          NextContinuationToken: page.nextToken,
          Contents: page.items.map((key) => entry(key, bucket.objects.get(key)!)),
        };
      },
    ),
  },
};

function objectIn(bucket: Bucket, key: string | undefined, code: string, message: string): StoredObject {
  const found = bucket.objects.get(key ?? '');
  if (!found) throw new AwsError(code, message, 404, { Key: key });
  return found;
}

const headersOf = (stored: StoredObject) => ({
  ContentLength: stored.body.length,
  ContentType: stored.contentType,
  ETag: stored.etag,
  LastModified: new Date(stored.modified),
  Metadata: { ...stored.metadata },
  ServerSideEncryption: stored.algorithm,
  SSEKMSKeyId: stored.keyId,
});

const entry = (key: string, stored: StoredObject): sdk._Object => ({
  Key: key,
  ETag: stored.etag,
  Size: stored.body.length,
  LastModified: new Date(stored.modified),
  StorageClass: 'STANDARD',
});

const encryptionOf = ({ encryption }: Bucket): Pick<StoredObject, 'algorithm' | 'keyId'> => {
  const { SSEAlgorithm, KMSMasterKeyID } = encryption.ApplyServerSideEncryptionByDefault ?? {};
  return { algorithm: (SSEAlgorithm ?? 'AES256') as StoredObject['algorithm'], keyId: KMSMasterKeyID };
};

/** Bodies arrive as bytes or text, or as a stream of them. */
async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string' || body instanceof Uint8Array) return new Uint8Array(Buffer.from(body));
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}
