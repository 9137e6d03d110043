import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dbInstances } from '../fixtures.ts';
import keepInstanceBackups from './index.ts';

export default settingScenarios(keepInstanceBackups, dbInstances, {
  wrong: { BackupRetentionPeriod: 0 },
  right: { BackupRetentionPeriod: 7 },
  stricter: { BackupRetentionPeriod: 35 },
  whilePending: 'REFUSED',
  alsoWrong: {
    'the backups are kept too short': { values: { BackupRetentionPeriod: 1 } },
    'policy asks for a month': { values: { BackupRetentionPeriod: 7 }, params: { days: 30 } },
  },
});
