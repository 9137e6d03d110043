/**
 * The object ownership of a bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
import {
  DeleteBucketOwnershipControlsCommand,
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  PutBucketOwnershipControlsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { BUCKET_NAME, bucketTags, type OwnedBucket, ownedBucket } from './bucket.ts';

const BUCKET_ARN = 'arn:{partition}:s3:::{bucket}';

export const bucketOwnership = resourceType({
  target: arn('AwsS3Bucket', BUCKET_ARN, { bucket: BUCKET_NAME }),
  clients: { s3: S3Client },
  cloudFormation: 'AWS::S3::Bucket',
  terraform: 'aws_s3_bucket_ownership_controls',
  reads: [
    { actions: ['s3:GetBucketOwnershipControls'], resources: [BUCKET_ARN], because: 'whether ACLs count' },
    { actions: ['s3:GetBucketAcl'], resources: [BUCKET_ARN], because: 'whom the ACL lets in now' },
    { actions: ['s3:GetBucketTagging'], resources: [BUCKET_ARN], because: 'who else manages the bucket' },
  ],
  writes: {
    actions: ['s3:PutBucketOwnershipControls'],
    resources: [BUCKET_ARN],
    because: 'sets the ownership; rollback by the same action',
  },
  attributes: {
    ObjectOwnership: {
      type: z.enum(['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']).nullable(),
      default: null,
      cloudFormation: 'OwnershipControls.Rules.ObjectOwnership',
      terraform: 'rule.object_ownership',
    },
  },
}).by({
  find: ({ s3, ...context }) => orUndefined(readOwnership(s3, ownedBucket(context)), 'NoSuchBucket'),
  async change({ s3, ...context }, { ObjectOwnership }) {
    const OwnershipControls = { Rules: [{ ObjectOwnership: ObjectOwnership! }] };
    const bucket = ownedBucket(context);
    if (ObjectOwnership) await s3.send(new PutBucketOwnershipControlsCommand({ ...bucket, OwnershipControls }));
    else await s3.send(new DeleteBucketOwnershipControlsCommand(bucket));
  },
  tags: (_, { s3, ...context }) => bucketTags(s3, ownedBucket(context)),
  obstacle: ({ grantees }) =>
    grantees.length > 0
      ? `its ACL lets in ${grantees.join(', ')}: let them in by the policy, then clear the ACL`
      : undefined,
});

async function readOwnership(s3: S3Client, bucket: OwnedBucket) {
  const { Owner, Grants = [] } = await s3.send(new GetBucketAclCommand(bucket));
  const answer = s3.send(new GetBucketOwnershipControlsCommand(bucket));
  const controls = (await orUndefined(answer, 'OwnershipControlsNotFoundError'))?.OwnershipControls;
  const others = Grants.flatMap(({ Grantee }) => (Grantee?.ID === Owner?.ID ? [] : [Grantee]));
  const grantees = others.map((grantee) => grantee?.URI?.split('/').at(-1) ?? `the account with the id ${grantee?.ID}`);
  return { ObjectOwnership: controls?.Rules?.[0]?.ObjectOwnership ?? null, grantees: [...new Set(grantees)] };
}
