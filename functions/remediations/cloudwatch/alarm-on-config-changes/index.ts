/** CloudWatch.9: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-9 */
import { serviceEvents, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const CONFIG_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-config-changes',
  title: 'Alarm on changes of AWS Config',
  control: 'CloudWatch.9',
  metric: 'ConfigChanges',
  pattern: serviceEvents('config', [
    'StopConfigurationRecorder',
    'DeleteDeliveryChannel',
    'PutDeliveryChannel',
    'PutConfigurationRecorder',
  ]),
};

export default trailAlarm(CONFIG_CHANGES);
