/** The block of one bucket, read and written. */
import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Block, blockIn } from './block.ts';
import type { OwnedBucket } from './bucket.ts';

/** Undefined where the bucket's settings were never made, as in those from before April 2023. */
export const bucketBlock = (s3: S3Client, bucket: OwnedBucket): Promise<Block | undefined> =>
  blockIn(s3.send(new GetPublicAccessBlockCommand(bucket)));

/** Without a block, the settings are taken away. */
export async function setBucketBlock(s3: S3Client, bucket: OwnedBucket, block: Block | undefined): Promise<void> {
  if (block) await s3.send(new PutPublicAccessBlockCommand({ ...bucket, PublicAccessBlockConfiguration: block }));
  else await s3.send(new DeletePublicAccessBlockCommand(bucket));
}
