/** ELB.4: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-4 */
import { setting } from '../../kit/setting.ts';
import { loadBalancer } from '../load-balancer.ts';

export default setting(loadBalancer, {
  id: 'elb/drop-invalid-headers',
  title: 'Let a load balancer drop invalid HTTP headers',
  controls: ['ELB.4'],
  risk: 'disruptive',
  wants: { 'routing.http.drop_invalid_header_fields.enabled': 'true' },
});
