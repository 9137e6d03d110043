import type * as sdk from '@aws-sdk/client-s3';
import { AwsError, type ServiceOperation } from '../../kernel/kernel.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import { bucketArn, bucketOperation, checkBucketName, type S3Operations } from './access.ts';
import { ALL_BLOCKED, canonicalUserId, ownersGrant, type S3At, type S3State } from './state.ts';

const BUCKETS_PER_PAGE = 10_000;

export const bucketOperations: S3Operations = {
  CreateBucket: {
    needs: (input, at) => [
      {
        action: 's3:CreateBucket',
        resource: bucketArn(input.Bucket ?? '', at),
        owner: at.account,
        context: { 's3:locationconstraint': at.region },
      },
    ],
    run: (input, at) => {
      onlyMembers('CreateBucket', input, [
        'Bucket',
        'CreateBucketConfiguration',
        'ObjectOwnership',
        'ObjectLockEnabledForBucket',
      ]);
      const name = input.Bucket ?? '';
      checkBucketName(name);
      onlyMembers('CreateBucketConfiguration', { ...input.CreateBucketConfiguration }, ['LocationConstraint']);
      checkLocation(input.CreateBucketConfiguration, at);
      const existing = at.state.buckets.get(name);
      if (existing && existing.account !== at.account)
        throw new AwsError(
          'BucketAlreadyExists',
          'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
          409,
        );
      // In us-east-1, creating one's own bucket again succeeds.
      if (existing && !(existing.region === 'us-east-1' && at.region === 'us-east-1'))
        throw new AwsError(
          'BucketAlreadyOwnedByYou',
          'Your previous request to create the named bucket succeeded and you already own it.',
          409,
        );
      if (!existing)
        at.state.buckets.set(name, {
          name,
          account: at.account,
          region: at.region,
          createdAt: at.kernel.clock.now(),
          objects: new Map(),
          versions: new Map(),
          ...(input.ObjectLockEnabledForBucket && { versioning: 'Enabled' as const, objectLock: {} }),
          publicAccessBlock: ALL_BLOCKED,
          encryption: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
          ownership: input.ObjectOwnership ?? 'BucketOwnerEnforced',
          grants: [ownersGrant(at.account)],
        });
      return { Location: `/${name}`, BucketArn: bucketArn(name, at) };
    },
  },
  DeleteBucket: bucketOperation('DeleteBucket', 'DeleteBucket', [], (_, bucket, at) => {
    if (bucket.objects.size + bucket.versions.size > 0)
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
        BucketName: bucket.name,
      });
    at.state.buckets.delete(bucket.name);
    return {};
  }),
  HeadBucket: bucketOperation('HeadBucket', 'ListBucket', [], (_, bucket, at) => ({
    BucketArn: bucketArn(bucket.name, at),
    BucketRegion: bucket.region,
  })),
  // Every Region answers, so that clients find the bucket's.
  GetBucketLocation: inAnyRegion(
    bucketOperation('GetBucketLocation', 'GetBucketLocation', [], (_, bucket) => ({
      LocationConstraint: locationOf(bucket.region),
    })),
  ),
  ListBuckets: {
    needs: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
    run: (input, at) => {
      onlyMembers('ListBuckets', input, ['MaxBuckets', 'ContinuationToken', 'Prefix', 'BucketRegion']);
      const { Prefix = '', BucketRegion, ContinuationToken } = input;
      const ownBuckets = [...at.state.buckets.values()]
        .filter((bucket) => bucket.account === at.account && bucket.name.startsWith(Prefix))
        .filter((bucket) => BucketRegion === undefined || bucket.region === BucketRegion)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const page = pageOf(
        ownBuckets,
        ContinuationToken,
        input.MaxBuckets ?? BUCKETS_PER_PAGE,
        invalidContinuationToken,
      );
      return {
        Buckets: page.items.map((bucket) => ({
          Name: bucket.name,
          BucketArn: bucketArn(bucket.name, at),
          BucketRegion: bucket.region,
          CreationDate: new Date(bucket.createdAt),
        })),
        Owner: { ID: canonicalUserId(at.account) },
        ContinuationToken: page.nextToken,
      };
    },
  },
};

function inAnyRegion<I extends { Bucket?: string }, O>({ needs, run }: ServiceOperation<I, O, S3State>) {
  const home = ({ Bucket = '' }: I, at: S3At): S3At => ({
    ...at,
    region: at.state.buckets.get(Bucket)?.region ?? at.region,
  });
  return {
    needs: (input: I, at: S3At) => needs!(input, home(input, at)),
    run: (input: I, at: S3At) => run(input, home(input, at)),
  };
}

export const invalidContinuationToken = (): AwsError =>
  new AwsError('InvalidArgument', 'The continuation token provided is incorrect');

/** Outside us-east-1 the request must name the Region of the endpoint. */
function checkLocation(configuration: sdk.CreateBucketConfiguration | undefined, at: S3At): void {
  const location: string | undefined = configuration?.LocationConstraint;
  if (location === locationOf(at.region)) return;
  if (location === 'us-east-1')
    throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid');
  throw new AwsError(
    'IllegalLocationConstraintException',
    `The ${location ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

const locationOf = (region: string): sdk.BucketLocationConstraint | undefined =>
  region === 'us-east-1' ? undefined : (region as sdk.BucketLocationConstraint);
