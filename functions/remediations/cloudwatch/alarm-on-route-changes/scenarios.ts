import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnRouteChanges, { ROUTE_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnRouteChanges, ROUTE_CHANGES);
