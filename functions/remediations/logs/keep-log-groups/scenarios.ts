import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { logGroups } from '../fixtures.ts';
import keepLogGroups from './index.ts';

export default settingScenarios(keepLogGroups, logGroups, {
  wrong: { retentionInDays: 30 },
  almost: { retentionInDays: 180 },
  right: { retentionInDays: 365 },
  stricter: { retentionInDays: 3653 },
  alsoWrong: {
    'policy asks for 1,000 days, which AWS lacks': { values: { retentionInDays: 365 }, params: { days: 1000 } },
  },
  more: { 'its logs never expire': { arrange: arrangeResource(logGroups, {}), expected: 'COMPLIANT' } },
});
