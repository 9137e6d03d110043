import { PutRegistryScanningConfigurationCommand } from '@aws-sdk/client-ecr';
import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { ecrRepositories } from '../fixtures.ts';
import scanImages from './index.ts';

const unscanned = arrangeResource(ecrRepositories, { values: { ScanOnPush: false } });

export default settingScenarios(scanImages, ecrRepositories, {
  wrong: { ScanOnPush: false },
  right: { ScanOnPush: true },
  more: {
    'Inspector scans the registry': {
      async arrange(clients, context) {
        await clients.ecr.send(new PutRegistryScanningConfigurationCommand({ scanType: 'ENHANCED', rules: [] }));
        return unscanned(clients, context);
      },
      expected: 'REFUSED',
    },
  },
});
