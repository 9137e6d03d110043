/** CloudWatch.8: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-8 */
import { serviceEvents, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const BUCKET_POLICY_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-bucket-policy-changes',
  title: 'Alarm on changes of bucket policies',
  control: 'CloudWatch.8',
  metric: 'BucketPolicyChanges',
  pattern: serviceEvents('s3', [
    'PutBucketAcl',
    'PutBucketPolicy',
    'PutBucketCors',
    'PutBucketLifecycle',
    'PutBucketReplication',
    'DeleteBucketPolicy',
    'DeleteBucketCors',
    'DeleteBucketLifecycle',
    'DeleteBucketReplication',
  ]),
};

export default trailAlarm(BUCKET_POLICY_CHANGES);
