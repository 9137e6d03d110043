import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { applicationLoadBalancers, networkLoadBalancers } from '../fixtures.ts';
import protectLoadBalancers from './index.ts';

export default settingScenarios(protectLoadBalancers, applicationLoadBalancers, {
  wrong: { 'deletion_protection.enabled': 'false' },
  right: { 'deletion_protection.enabled': 'true' },
  kinds: { 'a Network Load Balancer': { of: networkLoadBalancers } },
});
