import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { auroraClusters, multiAzClusters } from '../fixtures.ts';
import copyClusterTags from './index.ts';

const wrong = { CopyTagsToSnapshot: false };
const untagged = (engine: 'mysql' | 'postgres') => arrangeResource(multiAzClusters(engine), { values: wrong });

export default settingScenarios(copyClusterTags, auroraClusters, {
  wrong,
  right: { CopyTagsToSnapshot: true },
  more: {
    'a cluster of PostgreSQL': { control: 'RDS.47', arrange: untagged('postgres'), expected: 'FIXED' },
    'a cluster of MySQL': { control: 'RDS.48', arrange: untagged('mysql'), expected: 'FIXED' },
  },
});
