/** Neptune.3: https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html#neptune-3 */
import { publicSnapshots } from '../../kit/public-snapshots.ts';

export default publicSnapshots({
  id: 'neptune/make-snapshots-private',
  title: 'Stop everybody from restoring a snapshot of Neptune',
  controls: ['Neptune.3'],
  types: ['AwsRdsDbClusterSnapshot'],
});
