/** Buckets for scenarios about their ownership, made as an administrator of the account. */
import { PutBucketAclCommand, PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { bucket, bucketName } from './fixtures.ts';
import { bucketOwnership } from './ownership.ts';

export const bucketsByOwnership = resourceFixture(bucketOwnership, {
  uniqueName: bucketName,
  async create({ s3 }, context, _values, tags) {
    const { target } = context;
    await bucket(s3, context);
    if (Object.keys(tags).length > 0)
      await s3.send(new PutBucketTaggingCommand({ Bucket: target.bucket, Tagging: { TagSet: listOfTags(tags) } }));
    return target;
  },
  tag: ({ s3 }, { target }, tags) =>
    s3.send(new PutBucketTaggingCommand({ Bucket: target.bucket, Tagging: { TagSet: listOfTags(tags) } })),
  stuck: ({ s3 }, { target }) => s3.send(new PutBucketAclCommand({ Bucket: target.bucket, ACL: 'public-read' })),
});
