/** RDS.11: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-11 */
import { atLeastDays, backupCost, daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { dbInstance } from '../instance.ts';

export default setting(dbInstance, {
  id: 'rds/keep-instance-backups',
  title: 'Keep the automated backups of a DB instance long enough',
  controls: ['RDS.11'],
  riskOf: ({ BackupRetentionPeriod: days }) => (days === 0 ? 'disruptive' : 'safe'),
  ...daysToKeep('RDS.11', 'backupRetentionMinimum', { least: 7, most: 35 }),
  costs: backupCost('rdsBackup', 'the size of all databases of the Region'),
  wants: { BackupRetentionPeriod: atLeastDays },
});
