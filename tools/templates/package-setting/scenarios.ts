import { settingScenarios } from '../../../functions/remediations/kit/scenarios.ts';
import { repositories } from './fixtures.ts';
import verbThing from './index.ts';

export default settingScenarios(verbThing, repositories, {
  wrong: { imageTagMutability: 'MUTABLE' },
  right: { imageTagMutability: 'IMMUTABLE' },
});
