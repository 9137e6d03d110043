import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { applicationLoadBalancers } from '../fixtures.ts';
import resistDesync from './index.ts';

export default settingScenarios(resistDesync, applicationLoadBalancers, {
  wrong: { 'routing.http.desync_mitigation_mode': 'monitor' },
  right: { 'routing.http.desync_mitigation_mode': 'defensive' },
  stricter: { 'routing.http.desync_mitigation_mode': 'strictest' },
});
