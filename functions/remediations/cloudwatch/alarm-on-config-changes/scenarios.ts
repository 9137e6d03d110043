import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnConfigChanges, { CONFIG_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnConfigChanges, CONFIG_CHANGES);
