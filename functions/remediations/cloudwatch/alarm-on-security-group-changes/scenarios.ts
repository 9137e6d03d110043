import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnSecurityGroupChanges, { SECURITY_GROUP_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnSecurityGroupChanges, SECURITY_GROUP_CHANGES);
