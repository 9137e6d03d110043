/** RDS.2: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-2 */
import { setting } from '../../kit/setting.ts';
import { dbInstance } from '../instance.ts';

export default setting(dbInstance, {
  id: 'rds/make-instances-private',
  title: 'Take a DB instance off the internet',
  controls: ['RDS.2'],
  risk: 'disruptive',
  wants: { PubliclyAccessible: false },
});
