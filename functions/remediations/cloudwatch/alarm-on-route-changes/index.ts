/** CloudWatch.13: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-13 */
import { serviceEvents, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const ROUTE_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-route-changes',
  title: 'Alarm on changes of route tables',
  control: 'CloudWatch.13',
  metric: 'RouteChanges',
  pattern: serviceEvents('ec2', [
    'CreateRoute',
    'CreateRouteTable',
    'ReplaceRoute',
    'ReplaceRouteTableAssociation',
    'DeleteRouteTable',
    'DeleteRoute',
    'DisassociateRouteTable',
  ]),
};

export default trailAlarm(ROUTE_CHANGES);
