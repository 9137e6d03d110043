import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { redshiftClusters } from '../fixtures.ts';
import makeClustersPrivate from './index.ts';

export default settingScenarios(makeClustersPrivate, redshiftClusters, {
  wrong: { PubliclyAccessible: true },
  right: { PubliclyAccessible: false },
});
