/** Buckets with their settings and policies, and objects with their versions. */
import * as sdk from '@aws-sdk/client-s3';
import { defineService } from '../../kernel/kernel.ts';
import { aclOperations } from './acl.ts';
import { bucketOperations } from './buckets.ts';
import { s3Comparison } from './comparison.ts';
import { emptyS3Reads } from './empty-reads.ts';
import { lifecycleOperations } from './lifecycle.ts';
import { objectOperations } from './objects.ts';
import { bucketPolicyResourceType, bucketResourceType } from './resources.ts';
import { settingOperations } from './settings.ts';
import { S3, type S3State } from './state.ts';
import { S3_TRAIL } from './trail.ts';
import { objectVersionOperations } from './versions.ts';
import { websiteOperations } from './website.ts';

export const s3 = defineService<typeof sdk, S3State>({
  ...S3,
  ...s3Comparison,
  sdk,
  client: sdk.S3Client,
  prefix: 's3',
  trail: S3_TRAIL,
  throttling: { code: 'SlowDown', status: 503 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: {
    ...bucketOperations,
    ...settingOperations,
    ...aclOperations,
    ...lifecycleOperations,
    ...websiteOperations,
    ...objectOperations,
    ...objectVersionOperations,
    ...emptyS3Reads,
  },
  resources: { 'AWS::S3::Bucket': bucketResourceType, 'AWS::S3::BucketPolicy': bucketPolicyResourceType },
});
