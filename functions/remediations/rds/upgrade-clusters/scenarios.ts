import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { multiAzClusters } from '../fixtures.ts';
import upgradeClusters from './index.ts';

export default settingScenarios(upgradeClusters, multiAzClusters('postgres'), {
  wrong: { AutoMinorVersionUpgrade: false },
  right: { AutoMinorVersionUpgrade: true },
});
