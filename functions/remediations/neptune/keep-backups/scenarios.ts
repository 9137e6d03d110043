import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { neptuneClusters } from '../fixtures.ts';
import keepBackups from './index.ts';

export default settingScenarios(keepBackups, neptuneClusters, {
  wrong: { BackupRetentionPeriod: 1 },
  right: { BackupRetentionPeriod: 7 },
  stricter: { BackupRetentionPeriod: 35 },
});
