/** CloudWatch.2: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-2 */
import { type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const UNAUTHORIZED_CALLS: TrailAlarm = {
  id: 'cloudwatch/alarm-on-unauthorized-calls',
  title: 'Alarm on calls that IAM denies',
  control: 'CloudWatch.2',
  metric: 'UnauthorizedCalls',
  pattern: '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
};

export default trailAlarm(UNAUTHORIZED_CALLS);
