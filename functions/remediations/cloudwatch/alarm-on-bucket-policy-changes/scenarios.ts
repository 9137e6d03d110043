import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnBucketPolicyChanges, { BUCKET_POLICY_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnBucketPolicyChanges, BUCKET_POLICY_CHANGES);
