/** A DB instance and a DB cluster with settings that no default has, and a snapshot of each. */
import type { TownBuilder } from './site.ts';

export const buildRds: TownBuilder = async ({ call, minutesLater }) => {
  await call('CreateDBInstance', {
    DBInstanceIdentifier: 'town',
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    AllocatedStorage: 20,
    BackupRetentionPeriod: 3,
    CopyTagsToSnapshot: true,
    PubliclyAccessible: true,
    Tags: [{ Key: 'owner', Value: 'town' }],
  });
  await call('CreateDBCluster', {
    DBClusterIdentifier: 'town',
    Engine: 'aurora-postgresql',
    BackupRetentionPeriod: 3,
    CopyTagsToSnapshot: true,
    Tags: [{ Key: 'owner', Value: 'town' }],
  });
  await minutesLater(5);
  await call('CreateDBSnapshot', { DBSnapshotIdentifier: 'town', DBInstanceIdentifier: 'town' });
  await call('CreateDBClusterSnapshot', { DBClusterSnapshotIdentifier: 'town', DBClusterIdentifier: 'town' });
  await minutesLater(3);
  const share = { AttributeName: 'restore', ValuesToAdd: ['444455556666'] };
  await call('ModifyDBSnapshotAttribute', { DBSnapshotIdentifier: 'town', ...share });
  await call('ModifyDBClusterSnapshotAttribute', { DBClusterSnapshotIdentifier: 'town', ...share });
};
