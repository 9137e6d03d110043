import { trailAlarmScenarios, trailScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnRootUse, { ROOT_USER_USE } from './index.ts';

export default trailAlarmScenarios(alarmOnRootUse, ROOT_USER_USE, trailScenarios(ROOT_USER_USE));
