import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dbInstances } from '../fixtures.ts';
import keepInstanceBackups from './index.ts';

export default settingScenarios(keepInstanceBackups, dbInstances, {
  wrong: { BackupRetentionPeriod: 0 },
  right: { BackupRetentionPeriod: 7 },
  stricter: { BackupRetentionPeriod: 35 },
  whilePending: 'REFUSED',
  more: {
    'the backups are kept too short': {
      arrange: arrangeResource(dbInstances, { values: { BackupRetentionPeriod: 1 } }),
      expected: 'FIXED',
    },
    'policy asks for a month': {
      params: { days: 30 },
      arrange: arrangeResource(dbInstances, { values: { BackupRetentionPeriod: 7 } }),
      expected: 'FIXED',
    },
  },
});
