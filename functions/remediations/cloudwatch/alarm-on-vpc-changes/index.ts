/** CloudWatch.14: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-14 */
import { anyEvent, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const VPC_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-vpc-changes',
  title: 'Alarm on changes of VPCs',
  control: 'CloudWatch.14',
  metric: 'VpcChanges',
  pattern: anyEvent([
    'CreateVpc',
    'DeleteVpc',
    'ModifyVpcAttribute',
    'AcceptVpcPeeringConnection',
    'CreateVpcPeeringConnection',
    'DeleteVpcPeeringConnection',
    'RejectVpcPeeringConnection',
    'AttachClassicLinkVpc',
    'DetachClassicLinkVpc',
    'DisableVpcClassicLink',
    'EnableVpcClassicLink',
  ]),
};

export default trailAlarm(VPC_CHANGES);
