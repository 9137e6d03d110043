/** RDS.11: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-11 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { dbInstance } from '../instance.ts';

export default setting(dbInstance, {
  id: 'rds/keep-instance-backups',
  title: 'Keep the automated backups of a DB instance long enough',
  controls: ['RDS.11'],
  risk: 'disruptive',
  riskOf: ({ BackupRetentionPeriod: days }) => (days === 0 ? 'disruptive' : 'safe'),
  params: z.strictObject({ days: z.int().min(7).max(35).default(7) }),
  controlParams: {
    days: { stricter: 'more', requires: { 'RDS.11': 7 }, customizable: { 'RDS.11': 'backupRetentionMinimum' } },
  },
  wants: { BackupRetentionPeriod: (current, { days }) => Math.max(current, days) },
});
