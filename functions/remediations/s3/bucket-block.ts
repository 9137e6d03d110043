/** The public access block of one bucket. */
import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type BlockSettings, parseBlock } from './block.ts';
import type { OwnedBucket } from './bucket.ts';

/** Returns undefined if nobody ever set the block, as in buckets from before April 2023. */
export const readBucketBlock = (s3: S3Client, bucket: OwnedBucket): Promise<BlockSettings | undefined> =>
  parseBlock(s3.send(new GetPublicAccessBlockCommand(bucket)));

/** Sets the block, or deletes it if `block` is undefined. */
export async function setBucketBlock(
  s3: S3Client,
  bucket: OwnedBucket,
  block: BlockSettings | undefined,
): Promise<void> {
  if (block) await s3.send(new PutPublicAccessBlockCommand({ ...bucket, PublicAccessBlockConfiguration: block }));
  else await s3.send(new DeletePublicAccessBlockCommand(bucket));
}
