import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { documentDbClusters } from '../fixtures.ts';
import protectClusters from './index.ts';

export default settingScenarios(protectClusters, documentDbClusters, {
  wrong: { DeletionProtection: false },
  right: { DeletionProtection: true },
});
