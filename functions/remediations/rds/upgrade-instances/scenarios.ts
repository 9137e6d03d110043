import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dbInstances } from '../fixtures.ts';
import upgradeInstances from './index.ts';

export default settingScenarios(upgradeInstances, dbInstances, {
  wrong: { AutoMinorVersionUpgrade: false },
  right: { AutoMinorVersionUpgrade: true },
});
