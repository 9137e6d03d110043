/** RDS.16, RDS.47, RDS.48: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-16 */
import { setting } from '../../kit/setting.ts';
import { dbCluster } from '../cluster.ts';

export default setting(dbCluster, {
  id: 'rds/copy-cluster-tags',
  title: 'Copy the tags of a DB cluster to its snapshots',
  controls: ['RDS.16', 'RDS.47', 'RDS.48'],
  risk: 'safe',
  wants: { CopyTagsToSnapshot: true },
});
