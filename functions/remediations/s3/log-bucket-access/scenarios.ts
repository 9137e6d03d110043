import {
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { createBucket } from '../../kit/create-bucket.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { anotherRegion, clientIn } from '../../kit/other-region.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import { bucket, bucketName, bucketResource } from '../fixtures.ts';
import logBucketAccess from './index.ts';

type Step = Arrange<{ readonly s3: S3Client }, { readonly bucket: string }>;
const logBucketNamed = (name: string) => ({ targetBucket: `${name}-{account}-{region}` });
const NAMED = logBucketNamed('access-logs');

type LogBucket = {
  readonly name?: string;
  readonly policy?: false;
  readonly inRegion?: (context: Parameters<Step>[1]) => string;
};

/** Creates a log bucket, unless it is there for another bucket's logs, and then a bucket without logs. */
const withLogBucket =
  (logs: LogBucket = {}): Step =>
  async ({ s3 }, context) => {
    await createLogBucket(s3, context, logs);
    return bucket(s3, context);
  };

async function createLogBucket(
  s3: S3Client,
  context: Parameters<Step>[1],
  { name = 'access-logs', policy, inRegion }: LogBucket = {},
): Promise<void> {
  const Bucket = `${name}-${context.account}-${context.region}`;
  const region = inRegion?.(context) ?? context.region;
  const logs = clientIn(region, s3);
  await orUndefined(createBucket(logs, Bucket, { ...context, region }), 'BucketAlreadyOwnedByYou');
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `arn:${context.partition}:s3:::${Bucket}/*`,
    Condition: { StringEquals: { 'aws:SourceAccount': context.account } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  if (policy !== false) await logs.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

export default defineScenarios(logBucketAccess, {
  faulty: withLogBucket(),
  async fault({ s3 }, context) {
    await createLogBucket(s3, context);
    await s3.send(new PutBucketLoggingCommand({ Bucket: context.target.bucket, BucketLoggingStatus: {} }));
  },
  tag: ({ s3 }, { target }, tags) =>
    s3.send(new PutBucketTaggingCommand({ Bucket: target.bucket, Tagging: { TagSet: listOfTags(tags) } })),
  scenarios: {
    'policy names a log bucket': { params: NAMED, expected: 'FIXED' },
    'trails deliver to it, which CloudTrail.7 reports': { control: 'CloudTrail.7', params: NAMED, expected: 'FIXED' },
    'policy names none': { expected: 'REFUSED' },
    'the log bucket does not exist': { params: logBucketNamed('no-logs'), expected: 'REFUSED' },
    'the log bucket is in another Region': {
      params: logBucketNamed('far-logs'),
      arrange: withLogBucket({ name: 'far-logs', inRegion: anotherRegion }),
      expected: 'REFUSED',
    },
    'the log bucket lets nobody deliver': {
      params: logBucketNamed('closed-logs'),
      arrange: withLogBucket({ name: 'closed-logs', policy: false }),
      expected: 'REFUSED',
    },
    'it is the log bucket itself': {
      params: logBucketNamed('own-logs'),
      arrange: async ({ s3 }, context) => {
        const target = { bucket: `own-logs-${context.account}-${context.region}` };
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
