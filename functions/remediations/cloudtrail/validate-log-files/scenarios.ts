import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { trails } from '../own-trail-fixtures.ts';
import validateLogFiles from './index.ts';

export default settingScenarios(validateLogFiles, trails, {
  wrong: { LogFileValidationEnabled: false },
  right: { LogFileValidationEnabled: true },
});
