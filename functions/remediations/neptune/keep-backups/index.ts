/** Neptune.5: https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html#neptune-5 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { neptuneCluster } from '../cluster.ts';

export default setting(neptuneCluster, {
  id: 'neptune/keep-backups',
  title: 'Keep the automated backups of a Neptune cluster long enough',
  controls: ['Neptune.5'],
  risk: 'safe',
  params: z.strictObject({ days: z.int().min(7).max(35).default(7) }),
  controlParams: {
    days: {
      stricter: 'more',
      requires: { 'Neptune.5': 7 },
      customizable: { 'Neptune.5': 'minimumBackupRetentionPeriod' },
    },
  },
  wants: { BackupRetentionPeriod: (current, { days }) => Math.max(current, days) },
});
