import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { cacheClusters, clusterOfGroup, memcachedClusters } from '../fixtures.ts';
import backUpClusters from './index.ts';

export default settingScenarios(backUpClusters, cacheClusters, {
  wrong: { SnapshotRetentionLimit: 0 },
  right: { SnapshotRetentionLimit: 1 },
  stricter: { SnapshotRetentionLimit: 35 },
  more: {
    'a replication group has the setting': { arrange: clusterOfGroup({}), expected: 'REFUSED' },
    'the engine is Memcached': { arrange: arrangeResource(memcachedClusters, {}), expected: 'REFUSED' },
  },
});
