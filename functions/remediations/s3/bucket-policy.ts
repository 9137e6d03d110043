/** The policy of one bucket. */
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { orUndefined } from '../kit/or-undefined.ts';
import { parseResourcePolicy, type ResourcePolicy } from '../kit/resource-policy.ts';
import type { OwnedBucket } from './bucket.ts';

export async function readBucketPolicy(s3: S3Client, bucket: OwnedBucket): Promise<ResourcePolicy | null> {
  const answer = await orUndefined(s3.send(new GetBucketPolicyCommand(bucket)), 'NoSuchBucketPolicy');
  return parseResourcePolicy(answer?.Policy);
}

export async function setBucketPolicy(s3: S3Client, bucket: OwnedBucket, policy: ResourcePolicy | null): Promise<void> {
  if (policy) await s3.send(new PutBucketPolicyCommand({ ...bucket, Policy: JSON.stringify(policy) }));
  else await s3.send(new DeleteBucketPolicyCommand(bucket));
}
