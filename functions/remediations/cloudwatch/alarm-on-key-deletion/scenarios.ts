import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnKeyDeletion, { KEY_DELETION } from './index.ts';

export default trailAlarmScenarios(alarmOnKeyDeletion, KEY_DELETION);
