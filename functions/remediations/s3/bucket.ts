/** A bucket with the account that must own it, because a bucket's ARN has no account. */
import { GetBucketTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';

/**
 * Buckets of us-east-1 from before March 2018 have capitals, underscores and up to 255 characters. None has the form of an
 * address, nor the ending of an access point's alias or of another kind of bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const BUCKET_NAME =
  /(?!(?:\d{1,3}\.){3}\d{1,3}$)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)[A-Za-z0-9._-]{3,255}/;

/** S3 denies a call whose expected owner is not the bucket's owner. */
export type OwnedBucket = { readonly Bucket: string; readonly ExpectedBucketOwner: string };

type BucketTarget = { readonly target: { readonly bucket: string }; readonly account: string };

export const ownedBucket = ({ target, account }: BucketTarget): OwnedBucket => ({
  Bucket: target.bucket,
  ExpectedBucketOwner: account,
});

export async function bucketTags(s3: S3Client, bucket: OwnedBucket): Promise<ResourceTags> {
  const found = await orUndefined(s3.send(new GetBucketTaggingCommand(bucket)), 'NoSuchTagSet');
  return Object.fromEntries((found?.TagSet ?? []).map(({ Key, Value }) => [Key!, Value!]));
}
