import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { stacks } from '../fixtures.ts';
import protectStacks from './index.ts';

export default settingScenarios(protectStacks, stacks, {
  wrong: { EnableTerminationProtection: false },
  right: { EnableTerminationProtection: true },
});
