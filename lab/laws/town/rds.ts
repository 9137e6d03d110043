/** A DB instance and a DB cluster with settings that no default has. */
import type { TownBuilder } from './site.ts';

export const buildRds: TownBuilder = async ({ call }) => {
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
};
