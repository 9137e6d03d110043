import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnFailedSignIns, { FAILED_SIGN_INS } from './index.ts';

export default trailAlarmScenarios(alarmOnFailedSignIns, FAILED_SIGN_INS);
