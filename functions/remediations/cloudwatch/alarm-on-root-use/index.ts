/** CloudWatch.1: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-1 */
import { type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const ROOT_USER_USE: TrailAlarm = {
  id: 'cloudwatch/alarm-on-root-use',
  title: 'Alarm when somebody uses the root user',
  control: 'CloudWatch.1',
  metric: 'RootUserUse',
  pattern: '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}',
};

export default trailAlarm(ROOT_USER_USE);
