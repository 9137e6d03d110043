/** Neptune.4: https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html#neptune-4 */
import { setting } from '../../kit/setting.ts';
import { neptuneCluster } from '../cluster.ts';

export default setting(neptuneCluster, {
  id: 'neptune/protect-clusters',
  title: 'Protect a Neptune cluster from deletion',
  controls: ['Neptune.4'],
  risk: 'safe',
  wants: { DeletionProtection: true },
});
