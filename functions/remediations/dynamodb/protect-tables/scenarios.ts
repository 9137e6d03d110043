import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dynamoDbTables } from '../fixtures.ts';
import protectTables from './index.ts';

export default settingScenarios(protectTables, dynamoDbTables, {
  wrong: { DeletionProtectionEnabled: false },
  right: { DeletionProtectionEnabled: true },
});
