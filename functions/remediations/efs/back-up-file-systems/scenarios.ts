import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { fileSystems } from '../fixtures.ts';
import backUpFileSystems from './index.ts';

export default settingScenarios(backUpFileSystems, fileSystems, {
  wrong: { backups: 'DISABLED' },
  right: { backups: 'ENABLED' },
});
