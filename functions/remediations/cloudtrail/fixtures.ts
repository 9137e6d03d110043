/** Trails for cases: made by an administrator of the account, with a bucket into which they may write. */
import { type CloudTrailClient, CreateTrailCommand, type CreateTrailCommandInput } from '@aws-sdk/client-cloudtrail';
import { PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FindingResource } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';
import { bucket } from '../s3/fixtures.ts';

type WhereTrail = ScenarioContext<{ readonly trail: string }>;
type Settings = Partial<Omit<CreateTrailCommandInput, 'Name' | 'S3BucketName'>>;

const nameOf = ({ name, target }: WhereTrail): string => target?.trail ?? name;

/** A new trail; its home Region is the CloudTrail client's, its bucket lies in the S3 client's. */
export async function trail(
  cloudtrail: CloudTrailClient,
  s3: S3Client,
  where: WhereTrail,
  settings: Settings = {},
): Promise<FindingResource> {
  const S3BucketName = await logBucket(s3, where);
  const made = await cloudtrail.send(new CreateTrailCommand({ Name: nameOf(where), S3BucketName, ...settings }));
  return trailResource(where, made.TrailARN!);
}

export const trailResource = (where: WhereTrail, arn = ownArn(where)): FindingResource => ({
  Type: 'AwsCloudTrailTrail',
  Id: arn,
  Partition: where.partition,
  Region: where.region,
});

const ownArn = (where: WhereTrail): string =>
  `arn:${where.partition}:cloudtrail:${where.region}:${where.account}:trail/${nameOf(where)}`;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
async function logBucket(s3: S3Client, where: WhereTrail): Promise<string> {
  const { Id } = await bucket(s3, { ...where, name: `${where.name}-logs`, target: undefined });
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: Id },
    { ...service, Action: 's3:PutObject', Resource: `${Id}/AWSLogs/${where.account}/*` },
  ];
  const Bucket = Id.split(':::')[1]!;
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  return Bucket;
}
