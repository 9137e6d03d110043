/**
 * S3.8: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-8
 * All four settings must be on at the bucket itself; what the account blocks does not count. AWS exempts buckets that
 * are meant to be public, so an open bucket is left alone unless policy says otherwise.
 * S3.2, S3.3 and, for buckets of trails, CloudTrail.6 fail if policy or ACL open the bucket. It is closed then.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-6
 */
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { arn, defineRemediation, refused } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { BLOCK_EVERYTHING, BlockSettings, blockChangeText, declaredBlock } from '../block.ts';
import { BUCKET_NAME, bucketTags, ownedBucket } from '../bucket.ts';
import { readBucketBlock, setBucketBlock } from '../bucket-block.ts';
import { NOT_OPEN, openPaths, publicAccessPaths } from '../public-access.ts';

const BUCKET_ARN = 'arn:{partition}:s3:::{bucket}';

export default defineRemediation({
  id: 's3/block-bucket-public-access',
  title: 'Block public access to a bucket',
  handles: { controls: ['S3.8', 'S3.2', 'S3.3', 'CloudTrail.6'] },
  risk: 'disruptive',
  target: arn('AwsS3Bucket', BUCKET_ARN, { bucket: BUCKET_NAME }),
  params: z.strictObject({ whenPublic: z.enum(['refuse', 'block']).default('refuse') }),
  controlParams: { whenPublic: 'own' },
  state: z.strictObject({ block: BlockSettings.optional() }),
  reads: [
    { actions: ['s3:GetBucketPublicAccessBlock'], resources: [BUCKET_ARN], because: 'what is blocked' },
    {
      actions: ['s3:GetBucketPolicyStatus', 's3:GetBucketAcl', 's3:GetBucketWebsite'],
      resources: [BUCKET_ARN],
      because: 'whether the bucket is open to the public now',
    },
    { actions: ['s3:GetBucketTagging'], resources: [BUCKET_ARN], because: 'who else manages the bucket' },
  ],
  writes: [
    { actions: ['s3:PutBucketPublicAccessBlock'], resources: [BUCKET_ARN], because: 'blocks; rollback sets it back' },
  ],
  clients: { s3: S3Client },
}).by({
  async read({ s3, ...context }) {
    const state = async () => ({ block: await readBucketBlock(s3, ownedBucket(context)) });
    return orUndefined(state(), 'NoSuchBucket');
  },
  want: () => ({ block: BLOCK_EVERYTHING }),
  async objection({ s3, params, ...context }) {
    const isAboutOpen = context.control !== 'S3.8';
    if (params.whenPublic === 'block' && !isAboutOpen) return undefined;
    const bucket = ownedBucket(context);
    const open = openPaths(await publicAccessPaths(s3, bucket), await readBucketBlock(s3, bucket));
    if (isAboutOpen) return open.some((path) => path !== 'website') ? undefined : refused(NOT_OPEN);
    if (open.length === 0) return undefined;
    return refused(`it is open to the public by its ${open.join(', ')}; with whenPublic: block it is closed anyway`);
  },
  write: ({ s3, ...context }, _, { block }) => setBucketBlock(s3, ownedBucket(context), block),
  tags: ({ s3, ...context }) => bucketTags(s3, ownedBucket(context)),
  declared: (from, to) => declaredBlock(from.block, to.block),
  summary: (from, to) => blockChangeText(from.block, to.block),
});
