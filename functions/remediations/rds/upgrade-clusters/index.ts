/** RDS.35: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-35 */
import { setting } from '../../kit/setting.ts';
import { dbCluster } from '../cluster.ts';

export default setting(dbCluster, {
  id: 'rds/upgrade-clusters',
  title: 'Let RDS install minor versions on a DB cluster',
  controls: ['RDS.35'],
  risk: 'disruptive',
  wants: { AutoMinorVersionUpgrade: true },
});
