/** CloudWatch.5: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-5 */
import { anyEvent, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const TRAIL_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-trail-changes',
  title: 'Alarm on changes of CloudTrail',
  control: 'CloudWatch.5',
  metric: 'TrailChanges',
  pattern: anyEvent(['CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging']),
};

export default trailAlarm(TRAIL_CHANGES);
