import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { applicationLoadBalancers } from '../fixtures.ts';
import dropInvalidHeaders from './index.ts';

export default settingScenarios(dropInvalidHeaders, applicationLoadBalancers, {
  wrong: { 'routing.http.drop_invalid_header_fields.enabled': 'false' },
  right: { 'routing.http.drop_invalid_header_fields.enabled': 'true' },
});
