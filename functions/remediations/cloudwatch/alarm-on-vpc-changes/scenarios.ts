import { trailAlarmScenarios } from '../trail-alarm-scenarios.ts';
import alarmOnVpcChanges, { VPC_CHANGES } from './index.ts';

export default trailAlarmScenarios(alarmOnVpcChanges, VPC_CHANGES);
