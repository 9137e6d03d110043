/** CloudWatch.7: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-7 */
import { serviceEvents, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const KEY_DELETION: TrailAlarm = {
  id: 'cloudwatch/alarm-on-key-deletion',
  title: 'Alarm when a KMS key is disabled or its deletion scheduled',
  control: 'CloudWatch.7',
  metric: 'KeyDeletion',
  pattern: serviceEvents('kms', ['DisableKey', 'ScheduleKeyDeletion']),
};

export default trailAlarm(KEY_DELETION);
