/**
 * S3.5 (Config rule s3-bucket-ssl-requests-only): the bucket's policy denies every request without TLS.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5
 */
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { arn, defineRemediation } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { ResourcePolicy } from '../../kit/resource-policy.ts';
import { BUCKET_NAME, bucketTags, ownedBucket } from '../bucket.ts';
import { readBucketPolicy, setBucketPolicy } from '../bucket-policy.ts';
import { requiresTls, withTlsRequired } from '../tls.ts';

const BUCKET_ARN = 'arn:{partition}:s3:::{bucket}';

export default defineRemediation({
  id: 's3/require-tls',
  title: 'Require TLS for requests to a bucket',
  handles: { controls: ['S3.5'] },
  risk: 'disruptive',
  target: arn('AwsS3Bucket', BUCKET_ARN, { bucket: BUCKET_NAME }),
  params: z.strictObject({}),
  state: z.strictObject({ policy: ResourcePolicy.nullable() }),
  reads: [
    { actions: ['s3:GetBucketPolicy'], resources: [BUCKET_ARN], because: 'the policy' },
    { actions: ['s3:GetBucketTagging'], resources: [BUCKET_ARN], because: 'who else manages the bucket' },
  ],
  writes: [
    { actions: ['s3:PutBucketPolicy'], resources: [BUCKET_ARN], because: 'adds the statement; rollback takes it away' },
  ],
  undoes: [{ actions: ['s3:DeleteBucketPolicy'], resources: [BUCKET_ARN], because: 'where there was no policy' }],
  clients: { s3: S3Client },
}).by({
  async read({ s3, ...context }) {
    const state = async () => ({ policy: await readBucketPolicy(s3, ownedBucket(context)) });
    return orUndefined(state(), 'NoSuchBucket');
  },
  want({ policy }, { partition, target }) {
    const bucketArn = `arn:${partition}:s3:::${target.bucket}`;
    return { policy: policy && requiresTls(policy, bucketArn) ? policy : withTlsRequired(policy, bucketArn) };
  },
  write: ({ s3, ...context }, _, { policy }) => setBucketPolicy(s3, ownedBucket(context), policy),
  tags: ({ s3, ...context }) => bucketTags(s3, ownedBucket(context)),
  summary: (from, to) =>
    JSON.stringify(to.policy).length > JSON.stringify(from.policy).length
      ? 'the policy denies requests without TLS'
      : 'the policy no longer denies requests without TLS',
});
