/** CloudWatch.3: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-3 */
import { type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const SIGN_IN_WITHOUT_MFA: TrailAlarm = {
  id: 'cloudwatch/alarm-on-sign-in-without-mfa',
  title: 'Alarm on console sign-ins without MFA',
  control: 'CloudWatch.3',
  metric: 'SignInWithoutMfa',
  pattern:
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ' +
    '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
};

export default trailAlarm(SIGN_IN_WITHOUT_MFA);
