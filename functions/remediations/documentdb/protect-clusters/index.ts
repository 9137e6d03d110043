/** DocumentDB.5: https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html#documentdb-5 */
import { setting } from '../../kit/setting.ts';
import { documentDbCluster } from '../cluster.ts';

export default setting(documentDbCluster, {
  id: 'documentdb/protect-clusters',
  title: 'Protect a DocumentDB cluster from deletion',
  controls: ['DocumentDB.5'],
  risk: 'safe',
  wants: { DeletionProtection: true },
});
