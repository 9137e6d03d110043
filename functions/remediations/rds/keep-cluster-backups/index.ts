/** RDS.50: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-50 */
import { atLeastDays, backupCost, daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { dbCluster } from '../cluster.ts';

export default setting(dbCluster, {
  id: 'rds/keep-cluster-backups',
  title: 'Keep the automated backups of a DB cluster long enough',
  controls: ['RDS.50'],
  ...daysToKeep('RDS.50', 'minimumBackupRetentionPeriod', { least: 7, most: 35 }),
  costs: backupCost('clusterBackup', 'the size of the cluster'),
  wants: { BackupRetentionPeriod: atLeastDays },
});
