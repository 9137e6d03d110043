/**
 * CloudTrail accepts a trail only if it may write to the bucket and the log group, and use the key.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
import { decideAccess } from '../../authorization/authorize.ts';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type AwsPlace, type Kernel, type Need, type Principal } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { LOGS } from '../logs/state.ts';
import { findBucket } from '../s3/state.ts';
import type { Trail } from './state.ts';

export function checkDelivery(trail: Trail, kernel: Kernel, place: AwsPlace): void {
  checkLogGroup(trail, kernel, place);
  const bucket = findBucket(kernel, trail.bucket);
  if (!bucket) throw new AwsError('S3BucketDoesNotExistException', `S3 bucket ${trail.bucket} does not exist!`, 404);
  if (!hasAllPermissions(trail, kernel, { ...place, region: bucket.region }, bucketNeeds(trail, bucket, kernel)))
    throw new AwsError(
      'InsufficientS3BucketPolicyException',
      `Incorrect S3 bucket policy is detected for bucket: ${trail.bucket}`,
    );
  if (!hasAllPermissions(trail, kernel, place, encryptionNeeds(trail, kernel, place)))
    throw new AwsError(
      'InsufficientEncryptionPolicyException',
      `Insufficient permissions to access S3 bucket ${trail.bucket} or KMS key ${trail.kmsKeyId}.`,
    );
}

type DeliveryBucket = { readonly name: string; readonly account: string; readonly policy?: string };

function bucketNeeds(trail: Trail, { name, account, policy }: DeliveryBucket, kernel: Kernel): Need[] {
  const arn = `arn:${kernel.partition}:s3:::${name}`;
  const common = {
    owner: account,
    ...(policy !== undefined && { resourcePolicy: parseIamPolicy(policy, 'resource') }),
  };
  const prefix = trail.prefix ? `${trail.prefix}/` : '';
  const owners = [trail.account, ...(trail.organization ? [kernel.organizationId] : [])];
  return [
    { ...common, action: 's3:GetBucketAcl', resource: arn },
    ...owners.map((owner) => ({
      ...common,
      action: 's3:PutObject',
      resource: `${arn}/${prefix}AWSLogs/${owner}/CloudTrail/`,
      context: { 's3:x-amz-acl': 'bucket-owner-full-control' },
    })),
  ];
}

function encryptionNeeds(trail: Trail, kernel: Kernel, place: AwsPlace): readonly Need[] {
  try {
    const context = { 'aws:cloudtrail:arn': trail.arn };
    return keyNeeds(kernel, place, trail.kmsKeyId, ['kms:GenerateDataKey'], 'cloudtrail.amazonaws.com', context);
  } catch {
    throw new AwsError('KmsKeyNotFoundException', `The KMS key ${trail.kmsKeyId} does not exist or cannot be used.`);
  }
}

/** CloudTrail needs all permissions, as a service that acts for the trail. Its errors do not name missing ones. */
function hasAllPermissions(trail: Trail, kernel: Kernel, place: AwsPlace, needs: readonly Need[]): boolean {
  const cloudTrail: Principal = {
    kind: 'service',
    service: 'cloudtrail.amazonaws.com',
    account: trail.account,
    source: trail.arn,
  };
  return needs.every((need) => decideAccess(kernel, cloudTrail, place, need).decision === 'Allow');
}

/**
 * CloudTrail assumes a role that may write to a stream of the group.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
 */
function checkLogGroup(trail: Trail, kernel: Kernel, place: AwsPlace): void {
  const { logGroupArn, logRoleArn } = trail;
  if (logGroupArn === undefined && logRoleArn === undefined) return;
  if (logGroupArn === undefined)
    throw new AwsError('InvalidParameterCombinationException', 'A role needs a log group: CloudWatchLogsLogGroupArn.');
  const own = `arn:${place.partition}:logs:${trail.homeRegion}:${trail.account}:log-group:`;
  const name = /^([^:]+):\*$/.exec(logGroupArn.startsWith(own) ? logGroupArn.slice(own.length) : '')?.[1];
  if (name === undefined || !kernel.state(LOGS, { ...place, region: trail.homeRegion }).kinds.groups!.has(name))
    throw new AwsError(
      'InvalidCloudWatchLogsLogGroupArnException',
      `CloudTrail cannot validate the specified log group ARN: ${logGroupArn}`,
    );
  const session = deliverySession(trail, kernel);
  const resource = `${own}${name}:log-stream:${trail.account}_CloudTrail_${trail.homeRegion}`;
  const needs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource }));
  if (needs.every((need) => decideAccess(kernel, session, place, need).decision === 'Allow')) return;
  throw new AwsError(
    'InvalidCloudWatchLogsLogGroupArnException',
    'Access denied. Check the permissions for your role.',
  );
}

function deliverySession({ logRoleArn = '', arn }: Trail, kernel: Kernel): Principal {
  try {
    return kernel.assumeForService('cloudtrail.amazonaws.com', logRoleArn, 'cloudtrail', arn);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'InvalidCloudWatchLogsRoleArnException',
      'Access denied. Check the trust relationships for your role.',
    );
  }
}
