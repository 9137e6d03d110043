import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { auroraClusters } from '../fixtures.ts';
import keepClusterBackups from './index.ts';

export default settingScenarios(keepClusterBackups, auroraClusters, {
  wrong: { BackupRetentionPeriod: 1 },
  right: { BackupRetentionPeriod: 7 },
  stricter: { BackupRetentionPeriod: 35 },
});
