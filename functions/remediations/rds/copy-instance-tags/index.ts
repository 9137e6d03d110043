/** RDS.17: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-17 */
import { setting } from '../../kit/setting.ts';
import { dbInstance } from '../instance.ts';

export default setting(dbInstance, {
  id: 'rds/copy-instance-tags',
  title: 'Copy the tags of a DB instance to its snapshots',
  controls: ['RDS.17'],
  risk: 'safe',
  wants: { CopyTagsToSnapshot: true },
});
