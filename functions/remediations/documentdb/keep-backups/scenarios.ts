import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { documentDbClusters } from '../fixtures.ts';
import keepBackups from './index.ts';

export default settingScenarios(keepBackups, documentDbClusters, {
  wrong: { BackupRetentionPeriod: 1 },
  right: { BackupRetentionPeriod: 7 },
  stricter: { BackupRetentionPeriod: 35 },
});
