/** A bucket that takes access logs. https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html */

import { GetBucketLocationCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';
import { type DeclaredChange, type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { storageCost } from '../kit/monthly-cost.ts';
import { declaredChange } from '../kit/owner-language.ts';
import { allowsService } from '../kit/service-statements.ts';
import { readBucketPolicy } from './bucket-policy.ts';

export const NO_LOG_BUCKET =
  'policy names no log bucket: set params.targetBucket, such as access-logs-{account}-{region}';
export const ITSELF = 'it is the log bucket itself, which must not log to itself';
export const LOG_BUCKET_READS = {
  actions: ['s3:GetBucketLocation', 's3:GetBucketPolicy'],
  resources: ['arn:{partition}:s3:::*'],
  because: 'whether S3 may deliver to the log bucket, which policy names',
} as const;

const DELIVERY = 'logging.s3.amazonaws.com';

/** Returns a refusal that says why S3 would deliver no logs to the bucket, or undefined if it would. */
export async function logsObjection(s3: S3Client, Bucket: string, place: Place): Promise<Refusal | undefined> {
  const because = await deliveryObstacle(s3, Bucket, place);
  return because === undefined ? undefined : refused(because);
}

async function deliveryObstacle(s3: S3Client, Bucket: string, place: Place): Promise<string | undefined> {
  const bucket = { Bucket, ExpectedBucketOwner: place.account };
  try {
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand(bucket));
    const region = LocationConstraint || 'us-east-1';
    if (region !== place.region)
      return `the log bucket ${Bucket} is in ${region}, and S3 takes only one in ${place.region}`;
    const policy = await readBucketPolicy(s3, bucket);
    return policy && allowsService(policy, DELIVERY, 's3:PutObject')
      ? undefined
      : `the policy of the log bucket ${Bucket} does not let ${DELIVERY} put objects: add a statement for it`;
  } catch (error) {
    if (!isNamed(error, 'NoSuchBucket')) throw error;
    return `the log bucket ${Bucket} does not exist: create it, or name another in params.targetBucket`;
  }
}

const OPTIONAL = { type: z.string().nullable(), default: null };

/** The access logs of a bucket in the language of its owner. */
export const BUCKET_LOG_WORDS = {
  cloudFormation: 'AWS::S3::Bucket',
  terraform: 'aws_s3_bucket_logging',
  attributes: {
    bucket: {
      ...OPTIONAL,
      cloudFormation: 'LoggingConfiguration.DestinationBucketName',
      terraform: 'target_bucket',
    },
    prefix: { ...OPTIONAL, cloudFormation: 'LoggingConfiguration.LogFilePrefix', terraform: 'target_prefix' },
  },
} as const;

/** Returns what the owner of a bucket writes for its access logs. */
export const declaredLogs = (logs: { readonly bucket: string; readonly prefix: string } | null): DeclaredChange =>
  declaredChange(BUCKET_LOG_WORDS, logs ?? {});

export const logFilesCost = (): string => storageCost('s3Storage', undefined, 'log files');
