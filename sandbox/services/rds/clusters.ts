/**
 * DB clusters of Aurora, RDS, DocumentDB and Neptune: all of them answer at the endpoint of RDS.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html
 */
import type * as sdk from '@aws-sdk/client-rds';
import { recordOperations } from '../../records/operation.ts';
import type { RecordKind } from '../../records/record.ts';
import { anyValue, between, keptAs, listOf, type MemberRules, modelledValues, notKept } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { changes, creates, deletes, lists } from '../../records/verbs.ts';
import { invalidRdsCombination, invalidRdsValue, rdsError } from './errors.ts';
import { type PendingChanges, pendingChange } from './pending-changes.ts';
import { RDS_PAGES, rdsIdentifier } from './requests.ts';

export const DB_CLUSTER: RecordKind<sdk.DBCluster> = {
  name: 'clusters',
  arn: 'arn:{partition}:rds:{region}:{account}:cluster:{id}',
  alias: 'arn:{partition}:rds:{region}:{account}:dbcluster/{DbClusterResourceId}',
  id: 'DBClusterIdentifier',
  namedBy: 'either',
  normalId: rdsIdentifier,
  missing: (id) => rdsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`),
  exists: () => rdsError('DBClusterAlreadyExistsFault', 'DB Cluster already exists'),
  invalid: invalidRdsValue,
  quota: {
    records: 40,
    exceeded: () =>
      rdsError('DBClusterQuotaExceededFault', 'Cannot create DB cluster: the quota of 40 DB clusters is exceeded.'),
  },
  initially: ({ id, arn, at }) => ({
    DBClusterArn: arn,
    DbClusterResourceId: at.kernel.id('cluster-', 26).toUpperCase().replace('CLUSTER-', 'cluster-'),
    ClusterCreateTime: new Date(at.kernel.clock.now()),
    Endpoint: `${id}.cluster-${at.kernel.id('c', 11)}.${at.region}.rds.amazonaws.com`,
    AutoMinorVersionUpgrade: true,
    BackupRetentionPeriod: 1,
    CopyTagsToSnapshot: false,
    DeletionProtection: false,
    IAMDatabaseAuthenticationEnabled: false,
    PendingModifiedValues: {},
    StorageEncrypted: false,
  }),
  generated: ['DbClusterResourceId', 'ClusterCreateTime', 'Endpoint'],
  hidden: ['MasterUserPassword'],
  lifecycle: {
    member: 'Status',
    ready: 'available',
    creating: { status: 'creating', minutes: 5 },
    changing: { status: 'modifying', minutes: 2 },
    deleting: { status: 'deleting', minutes: 3 },
    busy: (id, status) =>
      rdsError('InvalidDBClusterStateFault', `DB cluster ${id} is not in available state: ${status}.`),
  },
  tags: { ...TAG_LIST, shownAs: 'TagList' },
  conditions: ({ fields, tags }) => ({
    'rds:DatabaseEngine': String(fields.Engine),
    'rds:StorageEncrypted': String(fields.StorageEncrypted ?? false),
    ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`rds:cluster-tag/${name}`, value])),
  }),
};

const SETTINGS: MemberRules<sdk.CreateDBClusterMessage & sdk.ModifyDBClusterMessage> = {
  AllocatedStorage: anyValue,
  AutoMinorVersionUpgrade: anyValue,
  BackupRetentionPeriod: between(1, 35),
  CopyTagsToSnapshot: anyValue,
  DBClusterInstanceClass: anyValue,
  DeletionProtection: anyValue,
  EnableIAMDatabaseAuthentication: keptAs('IAMDatabaseAuthenticationEnabled', anyValue),
  MasterUserPassword: anyValue,
  PreferredBackupWindow: anyValue,
  PreferredMaintenanceWindow: anyValue,
};

const CHANGES: PendingChanges = {
  atOnce: [
    'AutoMinorVersionUpgrade',
    'BackupRetentionPeriod',
    'CopyTagsToSnapshot',
    'DeletionProtection',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
  ],
  deferred: ['AllocatedStorage', 'DBClusterInstanceClass', 'IAMDatabaseAuthenticationEnabled', 'MasterUserPassword'],
};

/** Filters that keep some clusters, with the fields that they look at. */
const FILTERS: Readonly<Record<string, keyof sdk.DBCluster>> = {
  'db-cluster-id': 'DBClusterIdentifier',
  'db-cluster-resource-id': 'DbClusterResourceId',
  engine: 'Engine',
};

export const clusterOperations = recordOperations<typeof sdk>('rds', {
  CreateDBCluster: creates(DB_CLUSTER, {
    takes: {
      ...SETTINGS,
      Engine: modelledValues('aurora-mysql', 'aurora-postgresql', 'docdb', 'mysql', 'neptune', 'postgres'),
      EngineVersion: anyValue,
      KmsKeyId: anyValue,
      MasterUsername: anyValue,
      StorageEncrypted: anyValue,
    },
    tags: 'Tags',
    under: 'DBCluster',
    beside: [
      'arn:{partition}:rds:{region}:{account}:cluster-pg:{DBClusterParameterGroupName}',
      'arn:{partition}:rds:{region}:{account}:og:{OptionGroupName}',
      'arn:{partition}:rds:{region}:{account}:subgrp:{DBSubnetGroupName}',
    ],
  }),
  DescribeDBClusters: lists(DB_CLUSTER, {
    by: 'DBClusterIdentifier',
    under: 'DBClusters',
    pages: RDS_PAGES,
    takes: { Filters: listOf<sdk.Filter>({ Name: modelledValues(...Object.keys(FILTERS)), Values: anyValue }) },
    only: (cluster, { Filters = [] }) =>
      Filters.every(({ Name, Values }) => Values?.includes(String(cluster[FILTERS[Name!]!]))),
  }),
  ModifyDBCluster: changes(DB_CLUSTER, {
    takes: { ...SETTINGS, ApplyImmediately: notKept(anyValue) },
    under: 'DBCluster',
    effect: (given, cluster, { ApplyImmediately = false }) => pendingChange(CHANGES, given, cluster, ApplyImmediately),
  }),
  DeleteDBCluster: deletes(DB_CLUSTER, {
    takes: { SkipFinalSnapshot: modelledValues(true) },
    under: 'DBCluster',
    beside: ['arn:{partition}:rds:{region}:{account}:cluster-snapshot:{FinalDBSnapshotIdentifier}'],
    check: ({ DeletionProtection }) => {
      if (DeletionProtection)
        throw invalidRdsCombination(
          'Cannot delete protected Cluster, please disable deletion protection and try again.',
        );
    },
  }),
});
