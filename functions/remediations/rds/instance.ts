/** A DB instance: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html */
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  type PendingModifiedValues,
  RDSClient,
} from '@aws-sdk/client-rds';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { databaseBusy, databaseObstacle } from '../kit/database-status.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const DB = 'arn:{partition}:rds:{region}:{account}:db:{instance}';

/**
 * RDS stores names in lower case.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
 */
const INSTANCE_NAME = /(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?/;

export const dbInstance = resourceType({
  target: arn('AwsRdsDbInstance', DB, { instance: INSTANCE_NAME }),
  clients: { rds: RDSClient },
  cloudFormation: 'AWS::RDS::DBInstance',
  terraform: 'aws_db_instance',
  reads: [{ actions: ['rds:DescribeDBInstances'], resources: [DB], because: 'its attributes, status and tags' }],
  writes: { actions: ['rds:ModifyDBInstance'], resources: [DB], because: 'sets the attribute; rollback sets it back' },
  attributes: {
    AutoMinorVersionUpgrade: { type: z.boolean(), default: true, terraform: 'auto_minor_version_upgrade' },
    BackupRetentionPeriod: { type: z.int(), default: 1, terraform: 'backup_retention_period' },
    CopyTagsToSnapshot: { type: z.boolean(), default: false, terraform: 'copy_tags_to_snapshot' },
    DeletionProtection: { type: z.boolean(), default: false, terraform: 'deletion_protection' },
    PubliclyAccessible: { type: z.boolean(), default: false, terraform: 'publicly_accessible' },
  },
  busyErrors: ['InvalidDBInstanceStateFault'],
  settleSeconds: 1800,
}).by({
  async find({ rds, target: { instance } }): Promise<DBInstance | undefined> {
    const answer = rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
    return (await orUndefined(answer, 'DBInstanceNotFoundFault'))?.DBInstances?.[0];
  },
  async change({ rds, target: { instance } }, values, from) {
    const ApplyImmediately = waitsForWindow(values.BackupRetentionPeriod, from.BackupRetentionPeriod);
    await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: instance, ApplyImmediately, ...values }));
  },
  tags: ({ TagList }) => tagsOfList(TagList),
  obstacle: (instance) => databaseObstacle(instance.DBInstanceStatus) ?? multiAzObstacle(instance),
  busy: ({ DBInstanceStatus }) => databaseBusy(DBInstanceStatus),
  pending: ({ PendingModifiedValues = {}, BackupRetentionPeriod }, values) =>
    waitsForWindow(values.BackupRetentionPeriod, BackupRetentionPeriod) && Object.keys(PendingModifiedValues).length > 0
      ? withoutPassword(PendingModifiedValues)
      : undefined,
});

const withoutPassword = ({ MasterUserPassword, ...others }: PendingModifiedValues) =>
  MasterUserPassword === undefined ? others : { ...others, MasterUserPassword: 'a new one' };

/**
 * Only switching backups on or off waits for the maintenance window unless it is applied immediately, which applies
 * every pending change of the instance too. The other attributes change at once in any case.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
 */
const waitsForWindow = (to: number | undefined, from: number | undefined): boolean =>
  to !== undefined && (to === 0) !== (from === 0);

/**
 * Aurora's instances change one by one, those of a Multi-AZ DB cluster only with their cluster.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/modify-multi-az-db-cluster.html
 */
const multiAzObstacle = ({ DBClusterIdentifier: cluster, Engine = '' }: DBInstance): string | undefined =>
  cluster && ['mysql', 'postgres'].includes(Engine)
    ? `it belongs to the Multi-AZ DB cluster ${cluster}, and AWS changes that only as a whole`
    : undefined;
