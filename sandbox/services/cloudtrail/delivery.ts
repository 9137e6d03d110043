/**
 * CloudTrail accepts a trail only if it may write to the bucket and use the key.
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
  if (trail.logGroupArn !== undefined || trail.logRoleArn !== undefined) checkLogDelivery(trail, kernel, place);
}

/**
 * CloudTrail assumes the role to create a log stream. The log group belongs to the trail's account and Region.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
 */
function checkLogDelivery({ arn, logGroupArn = '', logRoleArn = '' }: Trail, kernel: Kernel, place: AwsPlace): void {
  const name = logGroupIn(logGroupArn, place);
  if (name === undefined || !kernel.state(LOGS, place).kinds.groups!.has(name))
    throw new AwsError(
      'InvalidCloudWatchLogsLogGroupArnException',
      'CloudTrail cannot validate the specified log group ARN.',
    );
  const stream = `${logGroupArn.replace(/:\*$/, '')}:log-stream:${place.account}_CloudTrail_${place.region}`;
  const needs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource: stream }));
  const role = sessionOf(logRoleArn, arn, kernel);
  if (!role) throw invalidRole('Access denied. Check the trust relationships for your role.');
  if (!needs.every((need) => decideAccess(kernel, role, place, need).decision === 'Allow'))
    throw invalidRole('Access denied. Check the permissions for your role.');
}

const invalidRole = (message: string) => new AwsError('InvalidCloudWatchLogsRoleArnException', message);

function sessionOf(role: string, trail: string, kernel: Kernel): Principal | undefined {
  try {
    return kernel.assumeForService('cloudtrail.amazonaws.com', role, 'CloudTrail', trail);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function logGroupIn(arn: string, { partition, region, account }: AwsPlace): string | undefined {
  const before = `arn:${partition}:logs:${region}:${account}:log-group:`;
  return arn.startsWith(before) && arn.endsWith(':*') ? arn.slice(before.length, -2) : undefined;
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
