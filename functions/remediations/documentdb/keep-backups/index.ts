/** DocumentDB.2: https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html#documentdb-2 */
import { atLeastDays, backupCost, daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { documentDbCluster } from '../cluster.ts';

export default setting(documentDbCluster, {
  id: 'documentdb/keep-backups',
  title: 'Keep the automated backups of a DocumentDB cluster long enough',
  controls: ['DocumentDB.2'],
  ...daysToKeep('DocumentDB.2', 'minimumBackupRetentionPeriod', { least: 7, most: 35 }),
  costs: backupCost('clusterBackup', 'the size of the cluster'),
  wants: { BackupRetentionPeriod: atLeastDays },
});
