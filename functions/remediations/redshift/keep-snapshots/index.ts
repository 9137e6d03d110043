/** Redshift.3: https://docs.aws.amazon.com/securityhub/latest/userguide/redshift-controls.html#redshift-3 */
import { atLeastDays, backupCost, daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { redshiftCluster } from '../cluster.ts';

export default setting(redshiftCluster, {
  id: 'redshift/keep-snapshots',
  title: 'Keep the automated snapshots of a Redshift cluster long enough',
  controls: ['Redshift.3'],
  ...daysToKeep('Redshift.3', 'MinRetentionPeriod', { least: 7, most: 35 }),
  costs: backupCost('redshiftBackup', 'the size of the cluster'),
  wants: { AutomatedSnapshotRetentionPeriod: atLeastDays },
});
