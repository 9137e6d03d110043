/** CloudWatch.4: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-4 */
import { serviceEvents, type TrailAlarm, trailAlarm } from '../trail-alarm.ts';

export const IAM_POLICY_CHANGES: TrailAlarm = {
  id: 'cloudwatch/alarm-on-iam-policy-changes',
  title: 'Alarm on changes of IAM policies',
  control: 'CloudWatch.4',
  metric: 'IamPolicyChanges',
  pattern: serviceEvents('iam', [
    'DeleteGroupPolicy',
    'DeleteRolePolicy',
    'DeleteUserPolicy',
    'PutGroupPolicy',
    'PutRolePolicy',
    'PutUserPolicy',
    'CreatePolicy',
    'DeletePolicy',
    'CreatePolicyVersion',
    'DeletePolicyVersion',
    'AttachRolePolicy',
    'DetachRolePolicy',
    'AttachUserPolicy',
    'DetachUserPolicy',
    'AttachGroupPolicy',
    'DetachGroupPolicy',
  ]),
};

export default trailAlarm(IAM_POLICY_CHANGES);
