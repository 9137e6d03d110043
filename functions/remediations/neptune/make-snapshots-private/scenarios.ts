import { clusterSnapshot, publicSnapshotsScenarios } from '../../kit/public-snapshots-scenarios.ts';
import makeSnapshotsPrivate from './index.ts';

export default publicSnapshotsScenarios(makeSnapshotsPrivate, (...accounts) => clusterSnapshot('neptune', ...accounts));
