import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { auroraClusters, multiAzClusters } from '../fixtures.ts';
import copyClusterTags from './index.ts';

export default settingScenarios(copyClusterTags, auroraClusters, {
  wrong: { CopyTagsToSnapshot: false },
  right: { CopyTagsToSnapshot: true },
  kinds: {
    'a cluster of PostgreSQL': { of: multiAzClusters('postgres'), control: 'RDS.47' },
    'a cluster of MySQL': { of: multiAzClusters('mysql'), control: 'RDS.48' },
  },
});
