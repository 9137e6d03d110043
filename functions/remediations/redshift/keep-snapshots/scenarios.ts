import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { redshiftClusters } from '../fixtures.ts';
import keepSnapshots from './index.ts';

export default settingScenarios(keepSnapshots, redshiftClusters, {
  wrong: { AutomatedSnapshotRetentionPeriod: 1 },
  right: { AutomatedSnapshotRetentionPeriod: 7 },
  stricter: { AutomatedSnapshotRetentionPeriod: 35 },
  alsoWrong: { 'the cluster has no automated snapshots': { values: { AutomatedSnapshotRetentionPeriod: 0 } } },
});
