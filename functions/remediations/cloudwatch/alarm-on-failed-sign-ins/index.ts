/** CloudWatch.6: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-6 */
import { type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const FAILED_SIGN_INS: TrailAlarm = {
  id: 'cloudwatch/alarm-on-failed-sign-ins',
  title: 'Alarm on failed sign-ins to the console',
  control: 'CloudWatch.6',
  metric: 'FailedSignIns',
  pattern: '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}',
};

export default trailAlarm(FAILED_SIGN_INS);
