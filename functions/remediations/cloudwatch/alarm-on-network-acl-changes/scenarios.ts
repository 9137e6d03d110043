import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnNetworkAclChanges, { NETWORK_ACL_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnNetworkAclChanges, NETWORK_ACL_CHANGES);
