/** EC2.15: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-15 */
import { setting } from '../../kit/setting.ts';
import { ec2Subnet } from '../subnet.ts';

export default setting(ec2Subnet, {
  id: 'ec2/keep-subnet-addresses-private',
  title: 'Give instances of a subnet no public addresses by default',
  controls: ['EC2.15'],
  risk: 'disruptive',
  wants: { MapPublicIpOnLaunch: false, AssignIpv6AddressOnCreation: false },
});
