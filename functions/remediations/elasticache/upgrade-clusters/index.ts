/** ElastiCache.2: https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html#elasticache-2 */
import { setting } from '../../kit/setting.ts';
import { cacheCluster } from '../cluster.ts';

export default setting(cacheCluster, {
  id: 'elasticache/upgrade-clusters',
  title: 'Let ElastiCache install minor versions on a cluster',
  controls: ['ElastiCache.2'],
  risk: 'disruptive',
  wants: { AutoMinorVersionUpgrade: true },
});
