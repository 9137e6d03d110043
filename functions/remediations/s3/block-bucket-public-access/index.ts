/**
 * S3.8: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-8
 * All four settings must be on at the bucket itself; what the account blocks does not count. AWS excepts buckets that
 * are meant to be public, so one that is open is left alone unless policy says otherwise.
 */
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { arn, defineRemediation, refused } from '../../../contract/remediation.ts';
import { Block, changeInWords, EVERYTHING } from '../block.ts';
import { bucketTags, ownedBucket } from '../bucket.ts';
import { bucketBlock, setBucketBlock } from '../bucket-block.ts';
import { orNone } from '../or-undefined.ts';
import { openWays, publicWays } from '../public-ways.ts';

const BUCKET = 'arn:{partition}:s3:::{bucket}';

export default defineRemediation({
  id: 's3/block-bucket-public-access',
  title: 'Block public access to a bucket',
  handles: { controls: ['S3.8'] },
  risk: 'disruptive',
  target: arn('AwsS3Bucket', BUCKET),
  params: z.strictObject({ whenPublic: z.enum(['refuse', 'block']).default('refuse') }),
  state: z.strictObject({ block: Block.optional() }),
  reads: [
    { actions: ['s3:GetBucketPublicAccessBlock'], resources: [BUCKET], because: 'what is blocked' },
    {
      actions: ['s3:GetBucketPolicyStatus', 's3:GetBucketAcl', 's3:GetBucketWebsite'],
      resources: [BUCKET],
      because: 'whether the bucket is open to the public now',
    },
    { actions: ['s3:GetBucketTagging'], resources: [BUCKET], because: 'who else manages the bucket' },
  ],
  writes: [
    { actions: ['s3:PutBucketPublicAccessBlock'], resources: [BUCKET], because: 'blocks; rollback by the same action' },
  ],
  clients: { s3: S3Client },
}).by({
  async read({ s3, ...where }) {
    const state = async () => ({ block: await bucketBlock(s3, ownedBucket(where)) });
    return orNone(state(), 'NoSuchBucket');
  },
  want: () => ({ block: EVERYTHING }),
  async objection({ s3, params, ...where }) {
    if (params.whenPublic === 'block') return undefined;
    const bucket = ownedBucket(where);
    const open = openWays(await publicWays(s3, bucket), await bucketBlock(s3, bucket));
    if (open.length === 0) return undefined;
    return refused(
      `it is open to the public by its ${open.join(', ')}; with whenPublic: block it is closed all the same`,
    );
  },
  write: ({ s3, ...where }, _, { block }) => setBucketBlock(s3, ownedBucket(where), block),
  tags: ({ s3, ...where }) => bucketTags(s3, ownedBucket(where)),
  summary: (from, to) => changeInWords(from.block, to.block),
});
