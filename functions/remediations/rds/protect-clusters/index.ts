/** RDS.7: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-7 */
import { setting } from '../../kit/setting.ts';
import { dbCluster } from '../cluster.ts';

export default setting(dbCluster, {
  id: 'rds/protect-clusters',
  title: 'Protect a DB cluster from deletion',
  controls: ['RDS.7'],
  risk: 'safe',
  wants: { DeletionProtection: true },
});
