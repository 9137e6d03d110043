/** ElastiCache.1: https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html#elasticache-1 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { cacheCluster } from '../cluster.ts';

export default setting(cacheCluster, {
  id: 'elasticache/back-up-clusters',
  title: 'Back up a Redis cluster each day',
  controls: ['ElastiCache.1'],
  risk: 'disruptive',
  params: z.strictObject({ days: z.int().min(1).max(35).default(1) }),
  controlParams: {
    days: {
      stricter: 'more',
      requires: { 'ElastiCache.1': 1 },
      customizable: { 'ElastiCache.1': 'snapshotRetentionPeriod' },
    },
  },
  refuses: ({ Engine, CacheNodeType: node }) =>
    Engine === 'memcached' || node === 'cache.t1.micro' ? `ElastiCache cannot back up ${Engine} on ${node}` : undefined,
  wants: { SnapshotRetentionLimit: (current, { days }) => Math.max(current, days) },
});
