/** Buckets for cases: made by an administrator of the account. */
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FindingResource } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';
import type { Block } from './block.ts';
import { setBucketBlock } from './bucket-block.ts';

type WhereBucket = ScenarioContext<{ readonly bucket: string }>;

/** A name that nobody else in the partition has. */
export const bucketName = ({ name, account, region, target }: WhereBucket): string =>
  target?.bucket ?? `${name}-${account}-${region}`;

/** A new bucket that takes ACLs, with this block; without one, as buckets were before April 2023. */
export async function bucket(s3: S3Client, where: WhereBucket, block?: Block): Promise<FindingResource> {
  const Bucket = bucketName(where);
  const { region } = where;
  // us-east-1 is where buckets are made that name no Region.
  const elsewhere = region !== 'us-east-1' && { LocationConstraint: region as BucketLocationConstraint };
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ObjectOwnership: 'BucketOwnerPreferred',
      ...(elsewhere && { CreateBucketConfiguration: elsewhere }),
    }),
  );
  await setBucketBlock(s3, { Bucket, ExpectedBucketOwner: where.account }, block);
  return bucketResource(where, Bucket);
}

export const bucketResource = ({ partition, region }: ScenarioContext<unknown>, name: string): FindingResource => ({
  Type: 'AwsS3Bucket',
  Id: `arn:${partition}:s3:::${name}`,
  Partition: partition,
  Region: region,
});

/** A new bucket, of which everybody may read all objects under this condition. */
export async function publicBucket(s3: S3Client, where: WhereBucket, Condition: object = {}): Promise<FindingResource> {
  const resource = await bucket(s3, where);
  const Bucket = bucketName(where);
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
