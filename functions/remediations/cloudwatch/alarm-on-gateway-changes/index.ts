/** CloudWatch.12: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-12 */
import { anyEvent, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const GATEWAY_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-gateway-changes',
  title: 'Alarm on changes of network gateways',
  control: 'CloudWatch.12',
  metric: 'GatewayChanges',
  pattern: anyEvent([
    'CreateCustomerGateway',
    'DeleteCustomerGateway',
    'AttachInternetGateway',
    'CreateInternetGateway',
    'DeleteInternetGateway',
    'DetachInternetGateway',
  ]),
};

export default trailAlarm(GATEWAY_CHANGES);
