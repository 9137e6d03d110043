/** Redshift.1: https://docs.aws.amazon.com/securityhub/latest/userguide/redshift-controls.html#redshift-1 */
import { setting } from '../../kit/setting.ts';
import { redshiftCluster } from '../cluster.ts';

export default setting(redshiftCluster, {
  id: 'redshift/make-clusters-private',
  title: 'Take a Redshift cluster off the internet',
  controls: ['Redshift.1'],
  risk: 'disruptive',
  wants: { PubliclyAccessible: false },
});
