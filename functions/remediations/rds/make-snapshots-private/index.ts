/** RDS.1: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-1 */
import { publicSnapshots } from '../../kit/public-snapshots.ts';

export default publicSnapshots({
  id: 'rds/make-snapshots-private',
  title: 'Stop everybody from restoring a snapshot of RDS',
  controls: ['RDS.1'],
  types: ['AwsRdsDbSnapshot', 'AwsRdsDbClusterSnapshot'],
});
