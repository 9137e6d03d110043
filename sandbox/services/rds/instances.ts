/**
 * DB instances. A change takes AWS minutes, or waits for the maintenance window, which never comes in the sandbox.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
 */
import type * as sdk from '@aws-sdk/client-rds';
import { recordOperations } from '../../records/operation.ts';
import type { RecordFields, RecordKind } from '../../records/record.ts';
import { anyValue, between, keptAs, type MemberRules, modelledValues, notKept } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { changes, creates, deletes, lists } from '../../records/verbs.ts';
import { invalidRdsCombination, invalidRdsValue, rdsError } from './errors.ts';
import { type PendingChanges, pendingChange } from './pending-changes.ts';
import { RDS_PAGES, rdsIdentifier } from './requests.ts';

export const DB_INSTANCE: RecordKind<sdk.DBInstance> = {
  name: 'instances',
  arn: 'arn:{partition}:rds:{region}:{account}:db:{id}',
  id: 'DBInstanceIdentifier',
  namedBy: 'either',
  normalId: rdsIdentifier,
  missing: (id) => rdsError('DBInstanceNotFoundFault', `DBInstance ${id} not found.`),
  exists: () => rdsError('DBInstanceAlreadyExistsFault', 'DB instance already exists'),
  invalid: invalidRdsValue,
  quota: {
    records: 40,
    exceeded: () =>
      rdsError('InstanceQuotaExceededFault', 'Cannot create DB instance: the quota of 40 DB instances is exceeded.'),
  },
  initially: ({ id, arn, at }) => ({
    DBInstanceArn: arn,
    DbiResourceId: at.kernel.id('db-', 26).toUpperCase().replace('DB-', 'db-'),
    InstanceCreateTime: new Date(at.kernel.clock.now()),
    Endpoint: { Address: `${id}.${at.kernel.id('c', 11)}.${at.region}.rds.amazonaws.com` },
    AutoMinorVersionUpgrade: true,
    BackupRetentionPeriod: 1,
    CopyTagsToSnapshot: false,
    DeletionProtection: false,
    IAMDatabaseAuthenticationEnabled: false,
    MultiAZ: false,
    PendingModifiedValues: {},
    PubliclyAccessible: false,
    StorageEncrypted: false,
  }),
  generated: ['DbiResourceId', 'InstanceCreateTime', 'Endpoint'],
  hidden: ['MasterUserPassword'],
  lifecycle: {
    member: 'DBInstanceStatus',
    ready: 'available',
    creating: { status: 'creating', minutes: 5 },
    changing: { status: 'modifying', minutes: 3 },
    deleting: { status: 'deleting', minutes: 3 },
    busy: (id, status) =>
      rdsError('InvalidDBInstanceStateFault', `Database instance ${id} is not in available state: ${status}.`),
  },
  tags: { ...TAG_LIST, shownAs: 'TagList' },
  conditions: ({ fields, tags }) => ({
    'rds:DatabaseClass': String(fields.DBInstanceClass),
    'rds:DatabaseEngine': String(fields.Engine),
    'rds:MultiAz': String(fields.MultiAZ ?? false),
    'rds:StorageEncrypted': String(fields.StorageEncrypted ?? false),
    ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`rds:db-tag/${name}`, value])),
  }),
};

/** Members of both requests. */
const SETTINGS: MemberRules<sdk.CreateDBInstanceMessage & sdk.ModifyDBInstanceMessage> = {
  AllocatedStorage: between(20, 65_536),
  AutoMinorVersionUpgrade: anyValue,
  BackupRetentionPeriod: between(0, 35),
  CopyTagsToSnapshot: anyValue,
  DBInstanceClass: anyValue,
  DeletionProtection: anyValue,
  EnableIAMDatabaseAuthentication: keptAs('IAMDatabaseAuthenticationEnabled', anyValue),
  MasterUserPassword: anyValue,
  MultiAZ: anyValue,
  PreferredBackupWindow: anyValue,
  PreferredMaintenanceWindow: anyValue,
  PubliclyAccessible: anyValue,
};

/** Returns true for a change of the number of days, which AWS makes soon. From or to 0, it turns backups on or off. */
const isRetentionOfBackups = (name: string, given: RecordFields, instance: RecordFields): boolean =>
  name === 'BackupRetentionPeriod' && given[name] !== 0 && instance[name] !== 0;

const CHANGES: PendingChanges = {
  atOnce: [
    'AutoMinorVersionUpgrade',
    'CopyTagsToSnapshot',
    'DeletionProtection',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
  ],
  deferred: [
    'AllocatedStorage',
    'BackupRetentionPeriod',
    'DBInstanceClass',
    'IAMDatabaseAuthenticationEnabled',
    'MultiAZ',
  ],
  isSooner: isRetentionOfBackups,
};

export const instanceOperations = recordOperations<typeof sdk>('rds', {
  CreateDBInstance: creates(DB_INSTANCE, {
    takes: {
      ...SETTINGS,
      Engine: modelledValues('mariadb', 'mysql', 'postgres'),
      EngineVersion: anyValue,
      KmsKeyId: anyValue,
      MasterUsername: anyValue,
      StorageEncrypted: anyValue,
    },
    tags: 'Tags',
    under: 'DBInstance',
  }),
  DescribeDBInstances: lists(DB_INSTANCE, { by: 'DBInstanceIdentifier', under: 'DBInstances', pages: RDS_PAGES }),
  ModifyDBInstance: changes(DB_INSTANCE, {
    takes: { ...SETTINGS, ApplyImmediately: notKept(anyValue) },
    under: 'DBInstance',
    effect: (given, instance, { ApplyImmediately = false }) =>
      pendingChange(CHANGES, given, instance, ApplyImmediately),
  }),
  DeleteDBInstance: deletes(DB_INSTANCE, {
    takes: { DeleteAutomatedBackups: modelledValues(true), SkipFinalSnapshot: modelledValues(true) },
    under: 'DBInstance',
    check: ({ DeletionProtection }) => {
      if (DeletionProtection)
        throw invalidRdsCombination(
          'Cannot delete protected DB Instance, please disable deletion protection and try again.',
        );
    },
  }),
});
