/** RDS.13: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-13 */
import { setting } from '../../kit/setting.ts';
import { dbInstance } from '../instance.ts';

export default setting(dbInstance, {
  id: 'rds/upgrade-instances',
  title: 'Let RDS install minor versions on a DB instance',
  controls: ['RDS.13'],
  risk: 'disruptive',
  wants: { AutoMinorVersionUpgrade: true },
});
