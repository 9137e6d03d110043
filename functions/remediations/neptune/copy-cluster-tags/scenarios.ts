import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { neptuneClusters } from '../fixtures.ts';
import copyClusterTags from './index.ts';

export default settingScenarios(copyClusterTags, neptuneClusters, {
  wrong: { CopyTagsToSnapshot: false },
  right: { CopyTagsToSnapshot: true },
});
