import { serviceSettingScenarios, settingValue } from '../service-setting-scenarios.ts';
import logAutomationScripts, { LOG_DESTINATION } from './index.ts';

const LOG_GROUP_NAME = '/ssm/automation/customer-script-log-group-name';

export default serviceSettingScenarios(
  logAutomationScripts,
  LOG_DESTINATION,
  { right: 'CloudWatch' },
  {
    'somebody named a log group, and nothing goes to it': {
      arrange: settingValue(LOG_GROUP_NAME, 'own-scripts'),
      expected: 'FIXED',
    },
  },
);
