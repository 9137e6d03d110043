/** CloudWatch.11: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-11 */
import { anyEvent, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const NETWORK_ACL_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-network-acl-changes',
  title: 'Alarm on changes of network ACLs',
  control: 'CloudWatch.11',
  metric: 'NetworkAclChanges',
  pattern: anyEvent([
    'CreateNetworkAcl',
    'CreateNetworkAclEntry',
    'DeleteNetworkAcl',
    'DeleteNetworkAclEntry',
    'ReplaceNetworkAclEntry',
    'ReplaceNetworkAclAssociation',
  ]),
};

export default trailAlarm(NETWORK_ACL_CHANGES);
