import {
  clusterSnapshot,
  instanceOrClusterSnapshot,
  publicSnapshotsScenarios,
} from '../../kit/public-snapshots-scenarios.ts';
import makeSnapshotsPrivate from './index.ts';

export default publicSnapshotsScenarios(makeSnapshotsPrivate, instanceOrClusterSnapshot, {
  'a snapshot of an Aurora cluster': { arrange: clusterSnapshot('aurora-mysql', 'all'), expected: 'FIXED' },
});
