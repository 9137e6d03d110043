/**
 * Objects that are written once. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { isNamed } from '../contract/errors.ts';

/** Created at the first use, because only changes and rollbacks need it. */
let known: S3Client | undefined;
const client = (): S3Client => (known ??= new S3Client({ maxAttempts: 3 }));

/** S3 answers 409 if a second write of the key is under way, and asks to send it again. */
const MAX_CONFLICTS = 3;

/** Writes an object. Returns false, and writes nothing, if the key has one. */
export async function putOnce(Bucket: string, Key: string, Body: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++)
    try {
      await client().send(
        new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json', IfNoneMatch: '*' }),
      );
      return true;
    } catch (error) {
      if (isNamed(error, 'PreconditionFailed')) return false;
      if (!isNamed(error, 'ConditionalRequestConflict') || attempt === MAX_CONFLICTS) throw error;
    }
}

/** Returns the text of the key's oldest version, because after a delete marker somebody could write a second one. */
export async function readOldest(Bucket: string, Key: string): Promise<string | undefined> {
  let VersionId: string | undefined;
  let page: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (page) {
    const answer: ListObjectVersionsCommandOutput = await client().send(
      new ListObjectVersionsCommand({ Bucket, Prefix: Key, ...page }),
    );
    VersionId = answer.Versions?.at(-1)?.VersionId ?? VersionId;
    const { NextKeyMarker, NextVersionIdMarker } = answer;
    page = answer.IsTruncated ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
  }
  if (VersionId === undefined) return undefined;
  const { Body } = await client().send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body!.transformToString();
}
