import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dbInstances } from '../fixtures.ts';
import protectInstances from './index.ts';

export default settingScenarios(protectInstances, dbInstances, {
  wrong: { DeletionProtection: false },
  right: { DeletionProtection: true },
});
