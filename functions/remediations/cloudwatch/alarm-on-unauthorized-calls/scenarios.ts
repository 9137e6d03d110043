import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnUnauthorizedCalls, { UNAUTHORIZED_CALLS } from './index.ts';

export default trailAlarmScenarios(alarmOnUnauthorizedCalls, UNAUTHORIZED_CALLS);
