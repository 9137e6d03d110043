import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { applicationLoadBalancers, networkLoadBalancers } from '../fixtures.ts';
import protectLoadBalancers from './index.ts';

export default settingScenarios(protectLoadBalancers, applicationLoadBalancers, {
  wrong: { 'deletion_protection.enabled': 'false' },
  right: { 'deletion_protection.enabled': 'true' },
  more: {
    'a Network Load Balancer': {
      arrange: arrangeResource(networkLoadBalancers, { values: { 'deletion_protection.enabled': 'false' } }),
      expected: 'FIXED',
    },
  },
});
