import { AwsError } from '../../kernel/kernel.ts';
import { bucketOperation, type S3Operations } from './access.ts';

/** Settings that no bucket can have here. */
export const emptyS3Reads: S3Operations = {
  GetBucketReplication: bucketOperation('GetBucketReplication', 'GetReplicationConfiguration', [], (_, { name }) => {
    const message = 'The replication configuration was not found';
    throw new AwsError('ReplicationConfigurationNotFoundError', message, 404, { BucketName: name });
  }),
  GetBucketNotificationConfiguration: bucketOperation(
    'GetBucketNotificationConfiguration',
    'GetBucketNotification',
    [],
    () => ({}),
  ),
};
