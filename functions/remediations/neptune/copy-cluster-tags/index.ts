/** Neptune.8: https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html#neptune-8 */
import { setting } from '../../kit/setting.ts';
import { neptuneCluster } from '../cluster.ts';

export default setting(neptuneCluster, {
  id: 'neptune/copy-cluster-tags',
  title: 'Copy the tags of a Neptune cluster to its snapshots',
  controls: ['Neptune.8'],
  risk: 'safe',
  wants: { CopyTagsToSnapshot: true },
});
