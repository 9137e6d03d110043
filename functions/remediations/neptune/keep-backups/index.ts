/** Neptune.5: https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html#neptune-5 */
import { atLeastDays, backupCost, daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { neptuneCluster } from '../cluster.ts';

export default setting(neptuneCluster, {
  id: 'neptune/keep-backups',
  title: 'Keep the automated backups of a Neptune cluster long enough',
  controls: ['Neptune.5'],
  ...daysToKeep('Neptune.5', 'minimumBackupRetentionPeriod', { least: 7, most: 35 }),
  costs: backupCost('clusterBackup', 'the size of the cluster'),
  wants: { BackupRetentionPeriod: atLeastDays },
});
