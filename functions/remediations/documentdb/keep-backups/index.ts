/** DocumentDB.2: https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html#documentdb-2 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { documentDbCluster } from '../cluster.ts';

export default setting(documentDbCluster, {
  id: 'documentdb/keep-backups',
  title: 'Keep the automated backups of a DocumentDB cluster long enough',
  controls: ['DocumentDB.2'],
  risk: 'safe',
  params: z.strictObject({ days: z.int().min(7).max(35).default(7) }),
  controlParams: {
    days: {
      stricter: 'more',
      requires: { 'DocumentDB.2': 7 },
      customizable: { 'DocumentDB.2': 'minimumBackupRetentionPeriod' },
    },
  },
  wants: { BackupRetentionPeriod: (current, { days }) => Math.max(current, days) },
});
