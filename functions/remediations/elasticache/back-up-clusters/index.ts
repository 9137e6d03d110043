/** ElastiCache.1: https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html#elasticache-1 */
import { atLeastDays, backupCost, daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { cacheCluster } from '../cluster.ts';

export default setting(cacheCluster, {
  id: 'elasticache/back-up-clusters',
  title: 'Back up a Redis cluster each day',
  controls: ['ElastiCache.1'],
  ...daysToKeep('ElastiCache.1', 'snapshotRetentionPeriod', { least: 1, most: 35 }),
  refuses: ({ Engine, CacheNodeType: node }) =>
    Engine === 'memcached' || node === 'cache.t1.micro' ? `ElastiCache cannot back up ${Engine} on ${node}` : undefined,
  costs: backupCost('cacheBackup', 'one of the cluster'),
  wants: { SnapshotRetentionLimit: atLeastDays },
});
