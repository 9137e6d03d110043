/**
 * CloudWatch Logs delivers flow logs to a bucket whose policy lets it. EC2 adds the statements for a caller who owns the
 * bucket and may change its policy.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
 */
import { decideAccess } from '../../authorization/authorize.ts';
import { parseIamPolicy } from '../../authorization/policy.ts';
import type { Need, Principal } from '../../kernel/kernel.ts';
import { type BucketRecord, findBucket } from '../s3/state.ts';
import type { Ec2At } from './state.ts';

const SERVICE = 'delivery.logs.amazonaws.com';

/**
 * Lets CloudWatch Logs deliver to the bucket of this ARN, and adds statements to its policy if necessary. Returns why
 * that is impossible, or undefined.
 */
export function permitDelivery(arn: string, at: Ec2At): string | undefined {
  const name = arn.split(':::')[1]?.split('/')[0] ?? arn;
  const bucket = findBucket(at.kernel, name);
  if (!bucket) return `LogDestination: ${name} does not exist`;
  if (mayDeliver(bucket, at)) return undefined;
  if (!mayPermit(bucket, at))
    return `Access Denied for LogDestination: ${name}. Please check LogDestination permission`;
  bucket.policy = withDelivery(bucket, at);
  return undefined;
}

const arnOf = ({ name }: BucketRecord, { partition }: Ec2At): string => `arn:${partition}:s3:::${name}`;

const needOn = (bucket: BucketRecord, action: string, resource: string): Need => ({
  action,
  resource,
  owner: bucket.account,
  ...(bucket.policy !== undefined && { resourcePolicy: parseIamPolicy(bucket.policy, 'resource') }),
});

function mayDeliver(bucket: BucketRecord, at: Ec2At): boolean {
  const source = `arn:${at.partition}:logs:${at.region}:${at.account}:*`;
  const delivery: Principal = { kind: 'service', service: SERVICE, account: at.account, source };
  const need = needOn(bucket, 's3:PutObject', `${arnOf(bucket, at)}/AWSLogs/${at.account}/vpcflowlogs/`);
  const context = { 's3:x-amz-acl': 'bucket-owner-full-control' };
  return decideAccess(at.kernel, delivery, at, { ...need, context }).decision === 'Allow';
}

const mayPermit = (bucket: BucketRecord, at: Ec2At): boolean =>
  bucket.account === at.account &&
  ['s3:GetBucketPolicy', 's3:PutBucketPolicy'].every(
    (action) =>
      decideAccess(at.kernel, at.principal, at, needOn(bucket, action, arnOf(bucket, at))).decision === 'Allow',
  );

function withDelivery(bucket: BucketRecord, at: Ec2At): string {
  const { Statement = [], ...policy } = JSON.parse(bucket.policy ?? '{"Version":"2012-10-17"}');
  const service = { Effect: 'Allow', Principal: { Service: SERVICE } };
  const arn = arnOf(bucket, at);
  const added = [
    { Sid: 'AWSLogDeliveryWrite', ...service, Action: 's3:PutObject', Resource: `${arn}/AWSLogs/${at.account}/*` },
    { Sid: 'AWSLogDeliveryAclCheck', ...service, Action: 's3:GetBucketAcl', Resource: arn },
  ];
  return JSON.stringify({ ...policy, Statement: [...[Statement].flat(), ...added] });
}
