/** CloudWatch.10: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-10 */
import { anyEvent, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const SECURITY_GROUP_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-security-group-changes',
  title: 'Alarm on changes of security groups',
  control: 'CloudWatch.10',
  metric: 'SecurityGroupChanges',
  pattern: anyEvent([
    'AuthorizeSecurityGroupIngress',
    'AuthorizeSecurityGroupEgress',
    'RevokeSecurityGroupIngress',
    'RevokeSecurityGroupEgress',
    'CreateSecurityGroup',
    'DeleteSecurityGroup',
  ]),
};

export default trailAlarm(SECURITY_GROUP_CHANGES);
