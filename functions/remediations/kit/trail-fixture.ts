/** Trails for scenarios, made as an administrator of the account, each with a bucket that it may write to. */
import { type CloudTrailClient, CreateTrailCommand, type CreateTrailCommandInput } from '@aws-sdk/client-cloudtrail';
import { PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FindingResource, Place } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';
import { createBucket } from './create-bucket.ts';

type TrailContext = ScenarioContext<{ readonly trail: string }>;
type Settings = Partial<Omit<CreateTrailCommandInput, 'Name' | 'S3BucketName'>>;

const trailName = ({ name, target }: TrailContext): string => target?.trail ?? name;

/** Creates a trail in the CloudTrail client's Region, and its bucket in the S3 client's Region. */
export async function trail(
  cloudtrail: CloudTrailClient,
  s3: S3Client,
  context: TrailContext,
  settings: Settings = {},
): Promise<FindingResource> {
  const S3BucketName = await logBucket(s3, context);
  const { TrailARN } = await cloudtrail.send(
    new CreateTrailCommand({ Name: trailName(context), S3BucketName, ...settings }),
  );
  return trailResource(context, TrailARN!);
}

export const trailResource = (context: TrailContext, arn = ownArn(context)): FindingResource => ({
  Type: 'AwsCloudTrailTrail',
  Id: arn,
  Partition: context.partition,
  Region: context.region,
});

const ownArn = (context: TrailContext): string =>
  `arn:${context.partition}:cloudtrail:${context.region}:${context.account}:trail/${trailName(context)}`;

async function logBucket(s3: S3Client, context: TrailContext): Promise<string> {
  const Bucket = `logs${context.name.slice(-20)}-${context.account}-${context.region}`;
  await createTrailBucket(s3, Bucket, context);
  return Bucket;
}

/**
 * Creates a bucket that trails of the account may deliver to.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export async function createTrailBucket(s3: S3Client, Bucket: string, place: Place): Promise<void> {
  const arn = `arn:${place.partition}:s3:::${Bucket}`;
  await createBucket(s3, Bucket, place);
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: arn },
    { ...service, Action: 's3:PutObject', Resource: `${arn}/AWSLogs/${place.account}/*` },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}
