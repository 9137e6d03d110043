/** RDS.8: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-8 */
import { setting } from '../../kit/setting.ts';
import { dbInstance } from '../instance.ts';

export default setting(dbInstance, {
  id: 'rds/protect-instances',
  title: 'Protect a DB instance from deletion',
  controls: ['RDS.8'],
  risk: 'safe',
  wants: { DeletionProtection: true },
  refuses: ({ DBClusterIdentifier: cluster }) => cluster && `its cluster ${cluster} protects it: see RDS.7`,
});
