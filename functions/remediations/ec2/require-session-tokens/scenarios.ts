import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { ec2Instances } from '../instance-fixtures.ts';
import requireSessionTokens from './index.ts';

export default settingScenarios(requireSessionTokens, ec2Instances, {
  wrong: { HttpTokens: 'optional' },
  right: { HttpTokens: 'required' },
});
