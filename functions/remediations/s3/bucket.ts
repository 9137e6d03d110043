/** A bucket as every call names it: with the account that must own it, for its ARN bears none. */
import { GetBucketTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ResourceTags } from '../../contract/remediation.ts';
import { orNone } from './or-undefined.ts';

/** S3 refuses a call (AccessDenied) that expects another owner than the bucket has. */
export type OwnedBucket = { readonly Bucket: string; readonly ExpectedBucketOwner: string };

type Where = { readonly target: { readonly bucket: string }; readonly account: string };

export const ownedBucket = ({ target, account }: Where): OwnedBucket => ({
  Bucket: target.bucket,
  ExpectedBucketOwner: account,
});

export async function bucketTags(s3: S3Client, bucket: OwnedBucket): Promise<ResourceTags> {
  const found = await orNone(s3.send(new GetBucketTaggingCommand(bucket)), 'NoSuchTagSet');
  return Object.fromEntries((found?.TagSet ?? []).map(({ Key, Value }) => [Key!, Value!]));
}
