/** EFS.7: https://docs.aws.amazon.com/securityhub/latest/userguide/efs-controls.html#efs-7 */
import { storageCost } from '../../kit/monthly-cost.ts';
import { setting } from '../../kit/setting.ts';
import { fileSystemBackups } from '../backups.ts';

export default setting(fileSystemBackups, {
  id: 'efs/back-up-file-systems',
  title: 'Back up an EFS file system each day',
  controls: ['EFS.7'],
  risk: 'disruptive',
  costs: (_, __, { SizeInBytes }) =>
    storageCost('efsBackup', SizeInBytes?.Value, 'the file system, more as it changes'),
  wants: { backups: 'ENABLED' },
});
