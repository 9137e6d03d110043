import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnTrailChanges, { TRAIL_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnTrailChanges, TRAIL_CHANGES);
