/**
 * The way to a bucket: it exists, in this Region, belongs to whom the caller expects, and IAM lets the caller.
 */
import type * as sdk from '@aws-sdk/client-s3';
import { parsePolicy } from '../../authorization/policy.ts';
import { AwsError, type Need, type ServiceOperation, type ServiceOperations } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/index.ts';
import { onlyMembers } from '../requests.ts';
import { isPublic } from './public-policy.ts';
import { type Bucket, isBlocked, type S3, type S3State } from './state.ts';

export type S3Operations = ServiceOperations<typeof sdk, S3State>;

type Request = { Bucket?: string; Key?: string; ExpectedBucketOwner?: string };
/** Members that say nothing about the bucket: the SDK fills in checksums, which the transport verifies. */
const TRANSPORT = ['ContentMD5', 'ChecksumAlgorithm'];

/** An operation on a bucket, or on an object in it where the request has a key. */
export const onBucket = <I extends Request, O>(
  name: string,
  action: string,
  members: readonly (keyof NoInfer<I> & string)[],
  run: (input: I, bucket: Bucket, at: S3) => O | Promise<O>,
): ServiceOperation<I, O, S3State> => ({
  needs: (input, at) => {
    const bucket = reachable(input, at);
    return [needOn(`s3:${action}`, bucket, input.Key, at), ...needsOnKey(action, bucket, input.Key, at)];
  },
  run: (input, at) => {
    onlyMembers(name, input as Record<string, unknown>, ['Bucket', 'ExpectedBucketOwner', ...TRANSPORT, ...members]);
    return run(input, reachable(input, at), at);
  },
});

/** @throws AwsError NoSuchBucket, PermanentRedirect, AccessDenied when another account owns it than expected */
export function reachable(input: Request, at: S3): Bucket {
  const bucket = at.state.buckets.get(input.Bucket ?? '');
  if (!bucket) {
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: input.Bucket });
  }
  if (bucket.region !== at.region) {
    const message =
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.';
    throw new AwsError('PermanentRedirect', message, 301, {
      Bucket: bucket.name,
      Endpoint: `s3.${bucket.region}.amazonaws.com`,
    });
  }
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== bucket.account) throw accessDenied();
  return bucket;
}

export const accessDenied = (message = 'Access Denied'): AwsError => new AwsError('AccessDenied', message, 403);

export const bucketArn = (name: string, { partition }: { partition: string }): string =>
  `arn:${partition}:s3:::${name}`;

export function needOn(action: string, bucket: Bucket, key: string | undefined, at: S3): Need {
  const resource = bucketArn(bucket.name, at) + (key === undefined ? '' : `/${key}`);
  const policy = effectivePolicy(bucket, at);
  return {
    action,
    resource,
    owner: bucket.account,
    context: { 's3:ResourceAccount': bucket.account },
    ...(policy && { resourcePolicy: policy }),
  };
}

/** Who writes an object under a customer's key, or reads one, needs the key himself. */
function needsOnKey(action: string, bucket: Bucket, key: string | undefined, at: S3): readonly Need[] {
  const place = { ...at, account: bucket.account };
  const via = `s3.${bucket.region}.amazonaws.com`;
  const defaultKey = bucket.encryption.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;
  if (action === 'PutObject') return keyNeeds(at.kernel, place, defaultKey, ['kms:GenerateDataKey'], via);
  if (action === 'GetObject')
    return keyNeeds(at.kernel, place, bucket.objects.get(key ?? '')?.keyId, ['kms:Decrypt'], via);
  return [];
}

/** RestrictPublicBuckets leaves a public policy to the bucket's account and to services. */
function effectivePolicy(bucket: Bucket, at: S3) {
  if (bucket.policy === undefined) return undefined;
  const policy = parsePolicy(bucket.policy, 'resource');
  const isOutsider = at.principal.kind !== 'service' && at.principal.account !== bucket.account;
  if (isOutsider && isPublic(policy) && isBlocked(at.state, bucket, 'RestrictPublicBuckets')) return undefined;
  return policy;
}
