import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnIamPolicyChanges, { IAM_POLICY_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnIamPolicyChanges, IAM_POLICY_CHANGES);
