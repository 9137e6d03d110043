import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnGatewayChanges, { GATEWAY_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnGatewayChanges, GATEWAY_CHANGES);
