/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html */
import type * as sdk from '@aws-sdk/client-elasticache';
import { recordOperations } from '../../records/operation.ts';
import type { RecordKind } from '../../records/record.ts';
import { allowedValues, anyValue, between, type MemberRules, modelledValues, notKept } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { changes, creates, deletes, lists } from '../../records/verbs.ts';
import { notModelled } from '../requests.ts';
import {
  ELASTICACHE_PAGES,
  elasticacheError,
  elasticacheIdentifier,
  invalidElasticacheValue,
  PARAMETER_GROUP,
} from './errors.ts';

export const CACHE_CLUSTER: RecordKind<sdk.CacheCluster> = {
  name: 'clusters',
  arn: 'arn:{partition}:elasticache:{region}:{account}:cluster:{id}',
  id: 'CacheClusterId',
  normalId: elasticacheIdentifier,
  missing: (id) => elasticacheError('CacheClusterNotFoundFault', `CacheCluster not found: ${id}`),
  exists: (id) => elasticacheError('CacheClusterAlreadyExistsFault', `Cache cluster already exists: ${id}`),
  invalid: invalidElasticacheValue,
  quota: {
    records: 300,
    exceeded: () =>
      elasticacheError('ClusterQuotaForCustomerExceededFault', 'The request would exceed the number of clusters.'),
  },
  initially: ({ arn, at }) => ({
    ARN: arn,
    AutoMinorVersionUpgrade: true,
    CacheClusterCreateTime: new Date(at.kernel.clock.now()),
    NumCacheNodes: 1,
    PendingModifiedValues: {},
    ReplicationGroupLogDeliveryEnabled: false,
    SnapshotRetentionLimit: 0,
  }),
  generated: ['CacheClusterCreateTime'],
  lifecycle: {
    member: 'CacheClusterStatus',
    ready: 'available',
    creating: { status: 'creating', minutes: 5 },
    changing: { status: 'modifying', minutes: 2 },
    deleting: { status: 'deleting', minutes: 3 },
    busy: (id, status) =>
      elasticacheError('InvalidCacheClusterStateFault', `Cache cluster ${id} is not available: ${status}.`),
  },
  tags: TAG_LIST,
};

/** Memcached takes no snapshots. */
const SETTINGS: MemberRules<sdk.CreateCacheClusterMessage & sdk.ModifyCacheClusterMessage> = {
  AutoMinorVersionUpgrade: anyValue,
  PreferredMaintenanceWindow: anyValue,
  SnapshotRetentionLimit: between(0, 35),
  SnapshotWindow: anyValue,
};

export const cacheClusterOperations = recordOperations<typeof sdk>('elasticache', {
  CreateCacheCluster: creates(CACHE_CLUSTER, {
    takes: {
      ...SETTINGS,
      CacheNodeType: anyValue,
      Engine: allowedValues<string | undefined>('redis', 'memcached', 'valkey'),
      EngineVersion: anyValue,
      NumCacheNodes: between(1, 40),
    },
    tags: 'Tags',
    under: 'CacheCluster',
    beside: [PARAMETER_GROUP],
    check: (input) => {
      checkSnapshots(input.Engine, input);
      if (input.Engine !== 'memcached' && (input.NumCacheNodes ?? 1) > 1)
        throw invalidElasticacheValue('NumCacheNodes should be 1 if engine is redis.');
    },
  }),
  DescribeCacheClusters: lists(CACHE_CLUSTER, {
    by: 'CacheClusterId',
    under: 'CacheClusters',
    pages: ELASTICACHE_PAGES,
    takes: { ShowCacheNodeInfo: modelledValues(false), ShowCacheClustersNotInReplicationGroups: anyValue },
    only: ({ ReplicationGroupId }, { ShowCacheClustersNotInReplicationGroups: alone }) =>
      !alone || ReplicationGroupId === undefined,
  }),
  ModifyCacheCluster: changes(CACHE_CLUSTER, {
    takes: { ...SETTINGS, ApplyImmediately: notKept(anyValue) },
    under: 'CacheCluster',
    check: (record, input) => {
      // AWS changes the settings that all clusters share through the group. The sandbox knows no source for its error.
      if (record.ReplicationGroupId !== undefined) throw notModelled('a change of one cluster of a replication group');
      checkSnapshots(record.Engine, input);
    },
  }),
  DeleteCacheCluster: deletes(CACHE_CLUSTER, {
    under: 'CacheCluster',
    check: ({ ReplicationGroupId }) => {
      if (ReplicationGroupId !== undefined) throw notModelled('the deletion of one cluster of a replication group');
    },
  }),
});

function checkSnapshots(engine: unknown, { SnapshotRetentionLimit }: sdk.ModifyCacheClusterMessage): void {
  if (engine === 'memcached' && SnapshotRetentionLimit)
    throw elasticacheError(
      'InvalidParameterCombinationException',
      'SnapshotRetentionLimit is not supported for the engine memcached.',
    );
}
