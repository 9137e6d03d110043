/** Buckets for scenarios, made as an administrator of the account. */
import { PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FindingResource } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';
import { createBucket } from '../kit/create-bucket.ts';
import type { BlockSettings } from './block.ts';
import { setBucketBlock } from './bucket-block.ts';

type BucketContext = ScenarioContext<{ readonly bucket: string }>;

/** Returns a name that is unique in the partition. */
export const bucketName = ({ name, account, region, target }: BucketContext): string =>
  target?.bucket ?? `${name}-${account}-${region}`;

/** Creates a bucket that accepts ACLs. Without a block it is like buckets from before April 2023. */
export async function bucket(s3: S3Client, context: BucketContext, block?: BlockSettings): Promise<FindingResource> {
  const Bucket = bucketName(context);
  await createBucket(s3, Bucket, context);
  await setBucketBlock(s3, { Bucket, ExpectedBucketOwner: context.account }, block);
  return bucketResource(context, Bucket);
}

export const bucketResource = ({ partition, region }: ScenarioContext<unknown>, name: string): FindingResource => ({
  Type: 'AwsS3Bucket',
  Id: `arn:${partition}:s3:::${name}`,
  Partition: partition,
  Region: region,
});

/** Creates a bucket whose policy lets everybody read all objects under this condition. */
export async function publicBucket(
  s3: S3Client,
  context: BucketContext,
  Condition: object = {},
): Promise<FindingResource> {
  const resource = await bucket(s3, context);
  await letEverybodyRead(s3, context, Condition);
  return resource;
}

export async function letEverybodyRead(s3: S3Client, context: BucketContext, Condition: object = {}): Promise<void> {
  const Bucket = bucketName(context);
  const Resource = `arn:${context.partition}:s3:::${Bucket}/*`;
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource, Condition };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}
