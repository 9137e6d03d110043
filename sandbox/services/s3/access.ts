/** A call needs an existing bucket in this Region with the expected owner, and IAM's permission. */
import type * as sdk from '@aws-sdk/client-s3';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Need, type ServiceOperation, type ServiceOperations } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { onlyMembers } from '../requests.ts';
import { isPublicPolicy } from './public-policy.ts';
import { type BucketRecord, isBlocked, type S3At, type S3State } from './state.ts';

export type S3Operations = ServiceOperations<typeof sdk, S3State>;

type BucketRequest = { Bucket?: string; Key?: string; VersionId?: string; ExpectedBucketOwner?: string };
/** The SDK adds these checksums, which the transport verifies. */
const TRANSPORT_MEMBERS = ['ContentMD5', 'ChecksumAlgorithm'];

export const bucketOperation = <I extends BucketRequest, O>(
  name: string,
  action: string,
  members: readonly (keyof NoInfer<I> & string)[],
  run: (input: I, bucket: BucketRecord, at: S3At) => O | Promise<O>,
  context: (input: I) => Need['context'] = () => ({}),
): ServiceOperation<I, O, S3State> => ({
  needs: (input, at) => {
    const bucket = reachableBucket(input, at);
    const need = bucketNeed(`s3:${action}${input.VersionId ? 'Version' : ''}`, bucket, input.Key, at);
    return [
      { ...need, context: { ...need.context, ...context(input) } },
      ...keyNeedsOfAction(action, bucket, input, at),
    ];
  },
  run: (input, at) => {
    onlyMembers(name, input as Record<string, unknown>, [
      'Bucket',
      'ExpectedBucketOwner',
      ...TRANSPORT_MEMBERS,
      ...members,
    ]);
    return run(input, reachableBucket(input, at), at);
  },
});

/**
 * @throws AwsError InvalidBucketName, NoSuchBucket, PermanentRedirect; InvalidBucketOwnerAWSAccountID for an expected
 * owner that is not an account, AccessDenied if the owner is another account
 */
export function reachableBucket(input: BucketRequest, at: S3At): BucketRecord {
  const bucket = at.state.buckets.get(input.Bucket ?? '');
  if (!bucket) checkBucketName(input.Bucket ?? '', ANY_BUCKET_NAME);
  if (!bucket)
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: input.Bucket });
  if (bucket.region !== at.region) {
    const message =
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.';
    const fields = { Bucket: bucket.name, Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com` };
    throw new AwsError('PermanentRedirect', message, 301, fields, { 'x-amz-bucket-region': bucket.region });
  }
  checkOwner(input.ExpectedBucketOwner, bucket);
  return bucket;
}

function checkOwner(expected: string | undefined, { account }: BucketRecord): void {
  if (expected === undefined || expected === account) return;
  if (/^\d{12}$/.test(expected)) throw accessDenied();
  throw new AwsError(
    'InvalidBucketOwnerAWSAccountID',
    `The value of the expected bucket owner parameter must be an AWS Account ID... [${expected}]`,
  );
}

/** Buckets of us-east-1 from before March 2018 have capitals, underscores and up to 255 characters. */
const ANY_BUCKET_NAME = /^[A-Za-z0-9._-]{3,255}$/;
const NEW_BUCKET_NAME = /^(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export function checkBucketName(name: string, form = NEW_BUCKET_NAME): void {
  if (!form.test(name))
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
}

export const accessDenied = (message = 'Access Denied'): AwsError => new AwsError('AccessDenied', message, 403);

export const bucketArn = (name: string, { partition }: { partition: string }): string =>
  `arn:${partition}:s3:::${name}`;

export function bucketNeed(action: string, bucket: BucketRecord, key: string | undefined, at: S3At): Need {
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

function keyNeedsOfAction(
  action: string,
  bucket: BucketRecord,
  { Key = '', VersionId }: BucketRequest,
  at: S3At,
): readonly Need[] {
  const place = { ...at, account: bucket.account };
  const via = `s3.${bucket.region}.amazonaws.com`;
  const defaultKey = bucket.encryption.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;
  if (action === 'PutObject') return keyNeeds(at.kernel, place, defaultKey, ['kms:GenerateDataKey'], via);
  if (action === 'GetObject') {
    const version = bucket.versions.get(Key)?.find(({ versionId }) => versionId === VersionId);
    const object = VersionId === undefined ? bucket.objects.get(Key) : version?.object;
    return keyNeeds(at.kernel, place, object?.keyId, ['kms:Decrypt'], via);
  }
  return [];
}

/** Under RestrictPublicBuckets, a public policy applies only to the bucket's account and services. */
function effectivePolicy(bucket: BucketRecord, at: S3At) {
  if (bucket.policy === undefined) return undefined;
  const policy = parseIamPolicy(bucket.policy, 'resource');
  const isOutsider = at.principal.kind !== 'service' && at.principal.account !== bucket.account;
  if (isOutsider && isPublicPolicy(policy) && isBlocked(at.state, bucket, 'RestrictPublicBuckets')) return undefined;
  return policy;
}

export function publicAccessBlocked(
  setting: 'BlockPublicPolicy' | 'BlockPublicAcls',
  bucket: BucketRecord,
  at: S3At,
): AwsError {
  const [what, action] = setting === 'BlockPublicPolicy' ? ['policies', 'PutBucketPolicy'] : ['ACLs', 'PutBucketAcl'];
  const who = 'arn' in at.principal ? at.principal.arn : at.principal.service;
  return accessDenied(
    `User: ${who} is not authorized to perform: s3:${action} on resource: "${bucketArn(bucket.name, at)}" because public ${what} are prevented by the ${setting} setting in S3 Block Public Access.`,
  );
}
