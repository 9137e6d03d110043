import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnSignInWithoutMfa, { SIGN_IN_WITHOUT_MFA } from './index.ts';

export default trailAlarmScenarios(alarmOnSignInWithoutMfa, SIGN_IN_WITHOUT_MFA);
