/** A cache cluster: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html */
import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  ElastiCacheClient,
  ListTagsForResourceCommand,
  ModifyCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const CLUSTER = 'arn:{partition}:elasticache:{region}:{account}:cluster:{cluster}';

/** A cluster leaves these only if somebody does something, or never. */
const STUCK = ['deleted', 'deleting', 'incompatible-network', 'restore-failed'];

export const cacheCluster = resourceType({
  target: arn('AwsElastiCacheCacheCluster', CLUSTER, { cluster: /(?!.*--)[a-z](?:[a-z0-9-]{0,48}[a-z0-9])?/ }),
  clients: { elasticache: ElastiCacheClient },
  cloudFormation: 'AWS::ElastiCache::CacheCluster',
  terraform: 'aws_elasticache_cluster',
  reads: [
    {
      actions: ['elasticache:DescribeCacheClusters', 'elasticache:ListTagsForResource'],
      resources: [CLUSTER],
      because: 'its attributes, status and tags',
    },
  ],
  writes: {
    actions: ['elasticache:ModifyCacheCluster'],
    resources: [CLUSTER],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: {
    AutoMinorVersionUpgrade: { type: z.boolean(), default: true, terraform: 'auto_minor_version_upgrade' },
    SnapshotRetentionLimit: { type: z.int(), default: 0, terraform: 'snapshot_retention_limit' },
  },
  busyErrors: ['InvalidCacheClusterStateFault'],
  settleSeconds: 1800,
}).by({
  async find({ elasticache, target: { cluster } }): Promise<CacheCluster | undefined> {
    const answer = elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: cluster }));
    return (await orUndefined(answer, 'CacheClusterNotFoundFault'))?.CacheClusters?.[0];
  },
  /** Without ApplyImmediately: changes that wait for the maintenance window keep waiting. */
  change: ({ elasticache, target: { cluster } }, values) =>
    elasticache.send(new ModifyCacheClusterCommand({ CacheClusterId: cluster, ...values })),
  async tags({ ARN: ResourceName }, { elasticache }) {
    return tagsOfList((await elasticache.send(new ListTagsForResourceCommand({ ResourceName }))).TagList);
  },
  obstacle: ({ CacheClusterStatus = 'available', ReplicationGroupId }) => {
    if (ReplicationGroupId) return `it belongs to the replication group ${ReplicationGroupId}: change that one instead`;
    return STUCK.includes(CacheClusterStatus)
      ? `its status is ${CacheClusterStatus}, and AWS changes only available clusters`
      : undefined;
  },
  busy: ({ CacheClusterStatus = 'available' }) =>
    CacheClusterStatus === 'available' ? undefined : `its status is ${CacheClusterStatus}`,
});
