import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { dbInstances } from '../fixtures.ts';
import copyInstanceTags from './index.ts';

export default settingScenarios(copyInstanceTags, dbInstances, {
  wrong: { CopyTagsToSnapshot: false },
  right: { CopyTagsToSnapshot: true },
});
