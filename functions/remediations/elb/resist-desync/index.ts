/** ELB.12: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-12 */
import { setting } from '../../kit/setting.ts';
import { loadBalancer } from '../load-balancer.ts';

export default setting(loadBalancer, {
  id: 'elb/resist-desync',
  title: 'Let a load balancer reject requests of desync attacks',
  controls: ['ELB.12'],
  risk: 'disruptive',
  wants: { 'routing.http.desync_mitigation_mode': (mode) => (mode === 'monitor' ? 'defensive' : mode) },
});
