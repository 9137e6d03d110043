import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { cacheClusters, clusterOfGroup } from '../fixtures.ts';
import upgradeClusters from './index.ts';

export default settingScenarios(upgradeClusters, cacheClusters, {
  wrong: { AutoMinorVersionUpgrade: false },
  right: { AutoMinorVersionUpgrade: true },
  more: {
    'a replication group has the setting': {
      arrange: clusterOfGroup({ AutoMinorVersionUpgrade: false }),
      expected: 'REFUSED',
    },
  },
});
