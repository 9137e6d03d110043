import type { TrailFacts } from '../../kernel/service.ts';

/**
 * Events of buckets. Calls for objects, and lists of them, are data events.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
 */
export const S3_TRAIL: TrailFacts = {
  unrecorded: [
    'DeleteObject',
    'GetObject',
    'HeadBucket',
    'HeadObject',
    'ListObjectVersions',
    'ListObjectsV2',
    'PutObject',
  ],
  names: {
    DeletePublicAccessBlock: 'DeleteBucketPublicAccessBlock',
    GetBucketLifecycleConfiguration: 'GetBucketLifecycle',
    GetBucketNotificationConfiguration: 'GetBucketNotification',
    GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
    PutBucketLifecycleConfiguration: 'PutBucketLifecycle',
    PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  },
  tellsOwners: true,
};
