import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { neptuneClusters } from '../fixtures.ts';
import protectClusters from './index.ts';

export default settingScenarios(protectClusters, neptuneClusters, {
  wrong: { DeletionProtection: false },
  right: { DeletionProtection: true },
});
