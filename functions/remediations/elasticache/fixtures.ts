/** Cache clusters for scenarios, created as an administrator of the account. */
import {
  AddTagsToResourceCommand,
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteCacheClusterCommand,
  type ElastiCacheClient,
  ModifyCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import type { Arrange } from '../../contract/scenario.ts';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { cacheCluster } from './cluster.ts';

const NODE = { CacheNodeType: 'cache.t4g.micro', Engine: 'redis' };

const fixtureOf = (engine: 'redis' | 'memcached') =>
  resourceFixture(cacheCluster, {
    async create({ elasticache }, { target }, values, tags) {
      const Tags = listOfTags(tags);
      const node = { ...NODE, Engine: engine, NumCacheNodes: 1 };
      await elasticache.send(
        new CreateCacheClusterCommand({ CacheClusterId: target.cluster, ...node, ...values, Tags }),
      );
      return target;
    },
    tag: ({ elasticache }, context, tags) =>
      elasticache.send(
        new AddTagsToResourceCommand({
          ResourceName: findingResource(cacheCluster, context).Id,
          Tags: listOfTags(tags),
        }),
      ),
    busy: ({ elasticache }, { target: { cluster } }) =>
      elasticache.send(
        new ModifyCacheClusterCommand({ CacheClusterId: cluster, PreferredMaintenanceWindow: 'sun:05:00-sun:06:00' }),
      ),
    stuck: ({ elasticache }, { target: { cluster } }) =>
      elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: cluster })),
  });

export const cacheClusters = fixtureOf('redis');
export const memcachedClusters = fixtureOf('memcached');

type Shared = { readonly AutoMinorVersionUpgrade?: boolean; readonly SnapshotRetentionLimit?: number };

/** Creates a replication group, and returns its first cluster. */
export const clusterOfGroup =
  (values: Shared): Arrange<{ readonly elasticache: ElastiCacheClient }, { readonly cluster: string }> =>
  async ({ elasticache }, context) => {
    const group = { ReplicationGroupId: context.name, ReplicationGroupDescription: 'for a scenario' };
    await elasticache.send(new CreateReplicationGroupCommand({ ...group, ...NODE, ...values, NumCacheClusters: 2 }));
    return findingResource(cacheCluster, { ...context, target: { cluster: `${context.name}-001` } });
  };
