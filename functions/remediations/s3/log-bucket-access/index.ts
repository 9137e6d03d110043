/**
 * S3.9, and CloudTrail.7 for buckets of trails: the bucket delivers server access logs to another bucket.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-9
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-7
 */
import { GetBucketLoggingCommand, PutBucketLoggingCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { arn, defineRemediation, refused } from '../../../contract/remediation.ts';
import { NamedBucket, namedIn } from '../../kit/named-in-policy.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { BUCKET_NAME, bucketTags, ownedBucket } from '../bucket.ts';
import * as logBucket from '../log-bucket.ts';

const BUCKET_ARN = 'arn:{partition}:s3:::{bucket}';

export default defineRemediation({
  id: 's3/log-bucket-access',
  title: 'Log access to a bucket',
  handles: { controls: ['S3.9', 'CloudTrail.7'] },
  risk: 'disruptive',
  target: arn('AwsS3Bucket', BUCKET_ARN, { bucket: BUCKET_NAME }),
  params: z.strictObject({
    targetBucket: NamedBucket.optional(),
  }),
  controlParams: { targetBucket: 'own' },
  state: z.strictObject({ logs: z.strictObject({ bucket: z.string(), prefix: z.string() }).nullable() }),
  reads: [
    { actions: ['s3:GetBucketLogging'], resources: [BUCKET_ARN], because: 'whether the bucket logs' },
    { actions: ['s3:GetBucketTagging'], resources: [BUCKET_ARN], because: 'who else manages the bucket' },
    logBucket.LOG_BUCKET_READS,
  ],
  writes: [
    { actions: ['s3:PutBucketLogging'], resources: [BUCKET_ARN], because: 'starts the logs; rollback stops them' },
  ],
  clients: { s3: S3Client },
}).by({
  async read({ s3, ...context }) {
    const found = await orUndefined(s3.send(new GetBucketLoggingCommand(ownedBucket(context))), 'NoSuchBucket');
    const { TargetBucket, TargetPrefix = '' } = found?.LoggingEnabled ?? {};
    return found && { logs: TargetBucket === undefined ? null : { bucket: TargetBucket, prefix: TargetPrefix } };
  },
  want({ logs }, { params, target, ...place }) {
    if (logs !== null) return { logs };
    if (params.targetBucket === undefined) return refused(logBucket.NO_LOG_BUCKET);
    const bucket = namedIn(params.targetBucket, place);
    if (bucket === target.bucket) return refused(logBucket.ITSELF);
    return { logs: { bucket, prefix: `${target.bucket}/` } };
  },
  objection: ({ s3, params, ...place }) => logBucket.logsObjection(s3, namedIn(params.targetBucket!, place), place),
  async write({ s3, ...context }, _, { logs }) {
    const BucketLoggingStatus = logs
      ? { LoggingEnabled: { TargetBucket: logs.bucket, TargetPrefix: logs.prefix } }
      : {};
    await s3.send(new PutBucketLoggingCommand({ ...ownedBucket(context), BucketLoggingStatus }));
  },
  tags: ({ s3, ...context }) => bucketTags(s3, ownedBucket(context)),
  costs: logBucket.logFilesCost,
  declared: (_, { logs }) => logBucket.declaredLogs(logs),
  summary: (_, { logs }) => (logs ? `access logs go to ${logs.bucket}/${logs.prefix}` : 'no access logs'),
});
