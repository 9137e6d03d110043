import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dbInstances } from '../fixtures.ts';
import makeInstancesPrivate from './index.ts';

export default settingScenarios(makeInstancesPrivate, dbInstances, {
  wrong: { PubliclyAccessible: true },
  right: { PubliclyAccessible: false },
});
