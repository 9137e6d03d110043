/** DocumentDB.3: https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html#documentdb-3 */
import { publicSnapshots } from '../../kit/public-snapshots.ts';

export default publicSnapshots({
  id: 'documentdb/make-snapshots-private',
  title: 'Stop everybody from restoring a snapshot of DocumentDB',
  controls: ['DocumentDB.3'],
  types: ['AwsRdsDbClusterSnapshot'],
});
