/**
 * SSM.6 (Config rule ssm-automation-logging-enabled), of the account in one Region.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html#ssm-6
 */
import { costPer } from '../../kit/monthly-cost.ts';
import { serviceSetting } from '../service-setting.ts';

export const LOG_DESTINATION = '/ssm/automation/customer-script-log-destination';

export default serviceSetting({
  id: 'ssm/log-automation-scripts',
  title: 'Log the output of scripts of Systems Manager Automation',
  control: 'SSM.6',
  setting: LOG_DESTINATION,
  value: 'CloudWatch',
  costs: () => costPer('logIngestion', 'a GB of output'),
  text: (value) =>
    value === 'CloudWatch'
      ? 'the output of aws:executeScript goes to CloudWatch Logs'
      : 'the output of aws:executeScript is not logged',
});
