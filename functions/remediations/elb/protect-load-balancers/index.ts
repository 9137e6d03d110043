/** ELB.6: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-6 */
import { setting } from '../../kit/setting.ts';
import { loadBalancer } from '../load-balancer.ts';

export default setting(loadBalancer, {
  id: 'elb/protect-load-balancers',
  title: 'Protect a load balancer from deletion',
  controls: ['ELB.6'],
  risk: 'safe',
  wants: { 'deletion_protection.enabled': 'true' },
});
