import {
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { createBucket } from '../../kit/create-bucket.ts';
import { anotherRegion, clientIn } from '../../kit/other-region.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import { bucket, bucketName, bucketResource } from '../fixtures.ts';
import logBucketAccess from './index.ts';

type Step = Arrange<{ readonly s3: S3Client }, { readonly bucket: string }>;
const NAMED = { targetBucket: 'access-logs-{account}-{region}' };

/** Creates the log bucket that these parameters name, and then a bucket without logs. */
const withLogBucket =
  (log: { readonly policy?: false; readonly inRegion?: (context: Parameters<Step>[1]) => string } = {}): Step =>
  async ({ s3 }, context) => {
    const Bucket = `access-logs-${context.account}-${context.region}`;
    const region = log.inRegion?.(context) ?? context.region;
    const logs = clientIn(region, s3);
    await createBucket(logs, Bucket, { ...context, region });
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `arn:${context.partition}:s3:::${Bucket}/*`,
      Condition: { StringEquals: { 'aws:SourceAccount': context.account } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    if (log.policy !== false) await logs.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    return bucket(s3, context);
  };

export default defineScenarios(logBucketAccess, {
  faulty: ({ s3 }, context) => bucket(s3, context),
  tag: ({ s3 }, { target }, tags) =>
    s3.send(new PutBucketTaggingCommand({ Bucket: target.bucket, Tagging: { TagSet: listOfTags(tags) } })),
  scenarios: {
    'policy names a log bucket': { params: NAMED, arrange: withLogBucket(), expected: 'FIXED' },
    'policy names none': { expected: 'REFUSED' },
    'the log bucket does not exist': { params: NAMED, expected: 'REFUSED' },
    'the log bucket is in another Region': {
      params: NAMED,
      arrange: withLogBucket({ inRegion: anotherRegion }),
      expected: 'REFUSED',
    },
    'the log bucket lets nobody deliver': {
      params: NAMED,
      arrange: withLogBucket({ policy: false }),
      expected: 'REFUSED',
    },
    'it is the log bucket itself': {
      params: { targetBucket: 'access-logs-{account}-{region}' },
      arrange: async ({ s3 }, context) => {
        const target = { bucket: `access-logs-${context.account}-${context.region}` };
        return bucket(s3, { ...context, target });
      },
      expected: 'REFUSED',
    },
    'it logs already': {
      params: NAMED,
      async arrange({ s3 }, context) {
        const resource = await withLogBucket()({ s3 }, context);
        const TargetBucket = `access-logs-${context.account}-${context.region}`;
        const BucketLoggingStatus = { LoggingEnabled: { TargetBucket, TargetPrefix: 'own/' } };
        await s3.send(new PutBucketLoggingCommand({ Bucket: bucketName(context), BucketLoggingStatus }));
        return resource;
      },
      expected: 'COMPLIANT',
    },
    'the bucket is gone': {
      params: NAMED,
      arrange: async (_, context) => bucketResource(context, bucketName(context)),
      expected: 'COMPLIANT',
    },
  },
});
