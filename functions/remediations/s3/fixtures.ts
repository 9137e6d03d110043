/** Buckets for scenarios, made as an administrator of the account. */
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FindingResource } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';
import type { BlockSettings } from './block.ts';
import { setBucketBlock } from './bucket-block.ts';

type BucketContext = ScenarioContext<{ readonly bucket: string }>;

/** Returns a name that is unique in the partition. */
export const bucketName = ({ name, account, region, target }: BucketContext): string =>
  target?.bucket ?? `${name}-${account}-${region}`;

/** Creates a bucket that accepts ACLs. Without a block it is like buckets from before April 2023. */
export async function bucket(s3: S3Client, context: BucketContext, block?: BlockSettings): Promise<FindingResource> {
  const Bucket = bucketName(context);
  const { region } = context;
  // S3 rejects us-east-1 as a location constraint: it is the default.
  const location = region !== 'us-east-1' && { LocationConstraint: region as BucketLocationConstraint };
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ObjectOwnership: 'BucketOwnerPreferred',
      ...(location && { CreateBucketConfiguration: location }),
    }),
  );
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
  const Bucket = bucketName(context);
  const statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `${resource.Id}/*`,
    Condition,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  return resource;
}
