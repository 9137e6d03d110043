import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { auroraClusters } from '../fixtures.ts';
import protectClusters from './index.ts';

export default settingScenarios(protectClusters, auroraClusters, {
  wrong: { DeletionProtection: false },
  right: { DeletionProtection: true },
});
