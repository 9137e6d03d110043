/**
 * Manual snapshots of DB instances and DB clusters, and the accounts that may restore them.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSnapshotAttribute.html
 */
import type * as sdk from '@aws-sdk/client-rds';
import { recordOperations } from '../../records/operation.ts';
import { getsPart, putsPart } from '../../records/parts.ts';
import {
  existingRecord,
  mustBeReady,
  type RecordAt,
  type RecordKind,
  type RecordPart,
  type StoredRecord,
} from '../../records/record.ts';
import { anyValue, matching, modelledValues } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { creates, deletes, lists } from '../../records/verbs.ts';
import { notModelled } from '../requests.ts';
import { DB_CLUSTER } from './clusters.ts';
import { invalidRdsValue, rdsError } from './errors.ts';
import { DB_INSTANCE } from './instances.ts';
import { RDS_PAGES, rdsIdentifier } from './requests.ts';

/** Accounts that may restore a snapshot; `all` stands for every AWS account. */
const RESTORE: RecordPart<readonly string[]> = { name: 'restore', initially: [] };

const SHARED = {
  parts: [RESTORE],
  namedBy: 'either',
  normalId: rdsIdentifier,
  invalid: invalidRdsValue,
  generated: ['SnapshotCreateTime'],
  tags: { ...TAG_LIST, shownAs: 'TagList' },
} as const;
const LIFECYCLE = { member: 'Status', ready: 'available', creating: { status: 'creating', minutes: 3 } };
const QUOTA_TEXT = 'Cannot create more than 100 manual snapshots';

export const DB_SNAPSHOT: RecordKind<sdk.DBSnapshot> = {
  ...SHARED,
  name: 'snapshots',
  arn: 'arn:{partition}:rds:{region}:{account}:snapshot:{id}',
  id: 'DBSnapshotIdentifier',
  missing: (id) => rdsError('DBSnapshotNotFoundFault', `DBSnapshot not found: ${id}`),
  exists: (id) => rdsError('DBSnapshotAlreadyExistsFault', `Cannot create the snapshot because ${id} already exists.`),
  quota: { records: 100, exceeded: () => rdsError('SnapshotQuotaExceededFault', QUOTA_TEXT) },
  initially: ({ arn, at }) => ({ DBSnapshotArn: arn, SnapshotType: 'manual', SnapshotCreateTime: timeOf(at) }),
  lifecycle: {
    ...LIFECYCLE,
    busy: (id, status) => rdsError('InvalidDBSnapshotStateFault', `DBSnapshot ${id} is not available: ${status}.`),
  },
};

export const DB_CLUSTER_SNAPSHOT: RecordKind<sdk.DBClusterSnapshot> = {
  ...SHARED,
  name: 'clusterSnapshots',
  arn: 'arn:{partition}:rds:{region}:{account}:cluster-snapshot:{id}',
  id: 'DBClusterSnapshotIdentifier',
  missing: (id) => rdsError('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot not found: ${id}`),
  exists: (id) =>
    rdsError('DBClusterSnapshotAlreadyExistsFault', `Cannot create the cluster snapshot because ${id} already exists.`),
  quota: { records: 100, exceeded: () => rdsError('SnapshotQuotaExceededFault', QUOTA_TEXT) },
  initially: ({ arn, at }) => ({ DBClusterSnapshotArn: arn, SnapshotType: 'manual', SnapshotCreateTime: timeOf(at) }),
  lifecycle: {
    ...LIFECYCLE,
    busy: (id, status) =>
      rdsError('InvalidDBClusterSnapshotStateFault', `DBClusterSnapshot ${id} is not available: ${status}.`),
  },
};

const timeOf = (at: RecordAt) => new Date(at.kernel.clock.now());

const MAX_SHARED_ACCOUNTS = 20;
const SHARING = {
  AttributeName: modelledValues('restore'),
  ValuesToAdd: matchingAccounts(),
  ValuesToRemove: matchingAccounts(),
} as const;

function matchingAccounts() {
  const account = matching(/^(\d{12}|all)$/);
  return {
    check: (values: readonly string[], ...request: [string, Parameters<typeof account.check>[2]]) => {
      for (const value of values) account.check(value, ...request);
    },
  };
}

type Sharing = Pick<sdk.ModifyDBSnapshotAttributeMessage, 'ValuesToAdd' | 'ValuesToRemove'>;

function sharedWith(
  { ValuesToAdd = [], ValuesToRemove = [] }: Sharing,
  before: readonly string[] = [],
  { fields }: StoredRecord,
): readonly string[] {
  const accounts = [...new Set([...before.filter((each) => !ValuesToRemove.includes(each)), ...ValuesToAdd])];
  // AWS refuses to make one public. The sandbox knows no source for its error.
  if (accounts.includes('all') && (fields.Encrypted || fields.StorageEncrypted))
    throw notModelled('an encrypted snapshot that everybody may restore');
  if (accounts.length > MAX_SHARED_ACCOUNTS)
    throw rdsError(
      'SharedSnapshotQuotaExceededFault',
      `A snapshot is shared with at most ${MAX_SHARED_ACCOUNTS} accounts.`,
    );
  return accounts.sort();
}

const instanceSharing = (accounts: readonly string[], { fields }: StoredRecord) => ({
  DBSnapshotAttributesResult: {
    DBSnapshotIdentifier: fields.DBSnapshotIdentifier as string,
    DBSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [...accounts] }],
  },
});
const clusterSharing = (accounts: readonly string[], { fields }: StoredRecord) => ({
  DBClusterSnapshotAttributesResult: {
    DBClusterSnapshotIdentifier: fields.DBClusterSnapshotIdentifier as string,
    DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [...accounts] }],
  },
});

const availableRecord = (kind: RecordKind, given: string | undefined, at: RecordAt): StoredRecord => {
  const id = rdsIdentifier(given ?? '');
  const record = existingRecord(kind, id, at);
  mustBeReady(kind, id, record);
  return record;
};
const instanceOf = (id: string | undefined, at: RecordAt) => availableRecord(DB_INSTANCE, id, at);
const clusterOf = (id: string | undefined, at: RecordAt) => availableRecord(DB_CLUSTER, id, at);
const copiedTags = ({ fields, tags }: StoredRecord) => (fields.CopyTagsToSnapshot ? tags : {});

export const snapshotOperations = recordOperations<typeof sdk>('rds', {
  CreateDBSnapshot: creates(DB_SNAPSHOT, {
    takes: { DBInstanceIdentifier: anyValue },
    tags: 'Tags',
    under: 'DBSnapshot',
    beside: [DB_INSTANCE.arn.replace('{id}', '{DBInstanceIdentifier}')],
    also: ({ DBInstanceIdentifier }, at) => {
      const { Engine, AllocatedStorage, StorageEncrypted } = instanceOf(DBInstanceIdentifier, at).fields;
      return { Engine, AllocatedStorage, Encrypted: StorageEncrypted };
    },
    inherits: ({ DBInstanceIdentifier }, at) => copiedTags(instanceOf(DBInstanceIdentifier, at)),
  }),
  DescribeDBSnapshots: lists(DB_SNAPSHOT, {
    by: 'DBSnapshotIdentifier',
    under: 'DBSnapshots',
    pages: RDS_PAGES,
    takes: { DBInstanceIdentifier: anyValue, SnapshotType: modelledValues('manual') },
    only: ({ DBInstanceIdentifier: own }, { DBInstanceIdentifier = own }) => own === DBInstanceIdentifier,
  }),
  DeleteDBSnapshot: deletes(DB_SNAPSHOT, { under: 'DBSnapshot' }),
  DescribeDBSnapshotAttributes: getsPart(DB_SNAPSHOT, RESTORE, { shows: instanceSharing }),
  ModifyDBSnapshotAttribute: putsPart(DB_SNAPSHOT, RESTORE, {
    takes: SHARING,
    value: sharedWith,
    shows: instanceSharing,
  }),
  CreateDBClusterSnapshot: creates(DB_CLUSTER_SNAPSHOT, {
    takes: { DBClusterIdentifier: anyValue },
    tags: 'Tags',
    under: 'DBClusterSnapshot',
    beside: [DB_CLUSTER.arn.replace('{id}', '{DBClusterIdentifier}')],
    also: ({ DBClusterIdentifier }, at) => {
      const { Engine, StorageEncrypted } = clusterOf(DBClusterIdentifier, at).fields;
      return { Engine, StorageEncrypted };
    },
    inherits: ({ DBClusterIdentifier }, at) => copiedTags(clusterOf(DBClusterIdentifier, at)),
  }),
  DescribeDBClusterSnapshots: lists(DB_CLUSTER_SNAPSHOT, {
    by: 'DBClusterSnapshotIdentifier',
    under: 'DBClusterSnapshots',
    pages: RDS_PAGES,
    takes: { DBClusterIdentifier: anyValue, SnapshotType: modelledValues('manual') },
    only: ({ DBClusterIdentifier: own }, { DBClusterIdentifier = own }) => own === DBClusterIdentifier,
  }),
  DeleteDBClusterSnapshot: deletes(DB_CLUSTER_SNAPSHOT, { under: 'DBClusterSnapshot' }),
  DescribeDBClusterSnapshotAttributes: getsPart(DB_CLUSTER_SNAPSHOT, RESTORE, { shows: clusterSharing }),
  ModifyDBClusterSnapshotAttribute: putsPart(DB_CLUSTER_SNAPSHOT, RESTORE, {
    takes: SHARING,
    value: sharedWith,
    shows: clusterSharing,
  }),
});
