import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dynamoDbTables } from '../fixtures.ts';
import backUpTables from './index.ts';

export default settingScenarios(backUpTables, dynamoDbTables, {
  wrong: { PointInTimeRecoveryEnabled: false, RecoveryPeriodInDays: null },
  right: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
});
