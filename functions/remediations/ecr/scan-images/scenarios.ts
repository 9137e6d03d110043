import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { ecrRepositories, inspectedRepository } from '../fixtures.ts';
import scanImages from './index.ts';

export default settingScenarios(scanImages, ecrRepositories, {
  wrong: { ScanOnPush: false },
  right: { ScanOnPush: true },
  more: { 'Inspector scans the registry': { arrange: inspectedRepository, expected: 'REFUSED' } },
});
