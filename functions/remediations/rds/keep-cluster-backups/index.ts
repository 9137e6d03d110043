/** RDS.50: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-50 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { dbCluster } from '../cluster.ts';

export default setting(dbCluster, {
  id: 'rds/keep-cluster-backups',
  title: 'Keep the automated backups of a DB cluster long enough',
  controls: ['RDS.50'],
  risk: 'safe',
  params: z.strictObject({ days: z.int().min(7).max(35).default(7) }),
  controlParams: {
    days: { stricter: 'more', requires: { 'RDS.50': 7 }, customizable: { 'RDS.50': 'minimumBackupRetentionPeriod' } },
  },
  wants: { BackupRetentionPeriod: (current, { days }) => Math.max(current, days) },
});
