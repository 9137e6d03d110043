import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { redshiftClusters } from '../fixtures.ts';
import upgradeClusters from './index.ts';

export default settingScenarios(upgradeClusters, redshiftClusters, {
  wrong: { AllowVersionUpgrade: false },
  right: { AllowVersionUpgrade: true },
});
