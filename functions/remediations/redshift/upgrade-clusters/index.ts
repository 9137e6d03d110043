/** Redshift.6: https://docs.aws.amazon.com/securityhub/latest/userguide/redshift-controls.html#redshift-6 */
import { setting } from '../../kit/setting.ts';
import { redshiftCluster } from '../cluster.ts';

export default setting(redshiftCluster, {
  id: 'redshift/upgrade-clusters',
  title: 'Let Redshift install major versions on a cluster',
  controls: ['Redshift.6'],
  risk: 'disruptive',
  wants: { AllowVersionUpgrade: true },
});
