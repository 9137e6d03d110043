import { type BucketLocationConstraint, CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Place } from '../../contract/remediation.ts';

/** Creates a bucket that accepts ACLs. */
export async function createBucket(s3: S3Client, Bucket: string, { region }: Place): Promise<void> {
  // S3 rejects us-east-1 as a location constraint: it is the default.
  const location = region !== 'us-east-1' && { LocationConstraint: region as BucketLocationConstraint };
  const input = { Bucket, ObjectOwnership: 'BucketOwnerPreferred' } as const;
  await s3.send(new CreateBucketCommand({ ...input, ...(location && { CreateBucketConfiguration: location }) }));
}
