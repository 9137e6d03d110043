/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html */
import type * as sdk from '@aws-sdk/client-elasticache';
import { recordOperations } from '../../records/operation.ts';
import { newProgress, type RecordAt, type RecordFields, type RecordKind, recordsOf } from '../../records/record.ts';
import { allowedValues, anyValue, between, keptAs, keptWith, type MemberRules, notKept } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { changes, creates, deletes, lists, newRecord } from '../../records/verbs.ts';
import { CACHE_CLUSTER } from './clusters.ts';
import {
  ELASTICACHE_PAGES,
  elasticacheError,
  elasticacheIdentifier,
  invalidElasticacheValue,
  PARAMETER_GROUP,
} from './errors.ts';

export const REPLICATION_GROUP: RecordKind<sdk.ReplicationGroup> = {
  name: 'groups',
  arn: 'arn:{partition}:elasticache:{region}:{account}:replicationgroup:{id}',
  id: 'ReplicationGroupId',
  normalId: elasticacheIdentifier,
  missing: (id) => elasticacheError('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`),
  exists: (id) => elasticacheError('ReplicationGroupAlreadyExistsFault', `Replication group already exists: ${id}`),
  invalid: invalidElasticacheValue,
  initially: ({ arn, at }) => ({
    ARN: arn,
    AtRestEncryptionEnabled: false,
    AutoMinorVersionUpgrade: true,
    AutomaticFailover: 'disabled',
    ClusterEnabled: false,
    MultiAZ: 'disabled',
    PendingModifiedValues: {},
    ReplicationGroupCreateTime: new Date(at.kernel.clock.now()),
    SnapshotRetentionLimit: 0,
    TransitEncryptionEnabled: false,
  }),
  generated: ['ReplicationGroupCreateTime'],
  lifecycle: {
    member: 'Status',
    ready: 'available',
    creating: { status: 'creating', minutes: 5 },
    changing: { status: 'modifying', minutes: 2 },
    deleting: { status: 'deleting', minutes: 3 },
    busy: (id, status) =>
      elasticacheError('InvalidReplicationGroupStateFault', `Replication group ${id} is not available: ${status}.`),
  },
  tags: TAG_LIST,
};

const SETTINGS: MemberRules<sdk.CreateReplicationGroupMessage & sdk.ModifyReplicationGroupMessage> = {
  AutoMinorVersionUpgrade: anyValue,
  AutomaticFailoverEnabled: keptWith<boolean>(
    (enabled) => ({ AutomaticFailover: enabled ? 'enabled' : 'disabled' }),
    anyValue,
  ),
  ReplicationGroupDescription: keptAs('Description', anyValue),
  SnapshotRetentionLimit: between(0, 35),
  SnapshotWindow: anyValue,
};
/** Members that AWS sets in the clusters of a group, too. */
const SHARED = ['AutoMinorVersionUpgrade', 'SnapshotRetentionLimit', 'SnapshotWindow'];

export const replicationGroupOperations = recordOperations<typeof sdk>('elasticache', {
  CreateReplicationGroup: creates(REPLICATION_GROUP, {
    takes: {
      ...SETTINGS,
      AtRestEncryptionEnabled: anyValue,
      CacheNodeType: anyValue,
      Engine: allowedValues<string | undefined>('redis', 'valkey'),
      EngineVersion: anyValue,
      NumCacheClusters: between(1, 6),
      TransitEncryptionEnabled: anyValue,
    },
    tags: 'Tags',
    under: 'ReplicationGroup',
    beside: [PARAMETER_GROUP],
    also: (input, at) => ({ MemberClusters: createMembers(input, at), NumCacheClusters: undefined }),
  }),
  DescribeReplicationGroups: lists(REPLICATION_GROUP, {
    by: 'ReplicationGroupId',
    under: 'ReplicationGroups',
    pages: ELASTICACHE_PAGES,
  }),
  ModifyReplicationGroup: changes(REPLICATION_GROUP, {
    takes: { ...SETTINGS, ApplyImmediately: notKept(anyValue) },
    under: 'ReplicationGroup',
    dependents: (group) => memberClusters(group).map((id) => [CACHE_CLUSTER, id] as const),
    shared: SHARED,
  }),
  DeleteReplicationGroup: deletes(REPLICATION_GROUP, {
    under: 'ReplicationGroup',
    dependents: (group) => memberClusters(group).map((id) => [CACHE_CLUSTER, id] as const),
  }),
});

export const memberClusters = ({ MemberClusters }: RecordFields): readonly string[] =>
  (MemberClusters ?? []) as readonly string[];

/** Creates the clusters of a new group, and returns their ids. */
function createMembers(input: sdk.CreateReplicationGroupMessage, at: RecordAt): string[] {
  const group = elasticacheIdentifier(input.ReplicationGroupId ?? '');
  return Array.from({ length: input.NumCacheClusters ?? 1 }, (_, n) => {
    const id = `${group}-${String(n + 1).padStart(3, '0')}`;
    const given: RecordFields = {
      CacheClusterId: id,
      ReplicationGroupId: group,
      CacheNodeType: input.CacheNodeType,
      Engine: input.Engine ?? 'redis',
      AutoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
      SnapshotRetentionLimit: input.SnapshotRetentionLimit ?? 0,
    };
    const progress = newProgress(CACHE_CLUSTER.lifecycle!.creating!, {}, at);
    recordsOf(CACHE_CLUSTER, at).set(id, { ...newRecord(CACHE_CLUSTER, id, given, at), tags: {}, progress });
    return id;
  });
}
