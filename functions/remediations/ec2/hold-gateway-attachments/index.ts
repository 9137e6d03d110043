/** EC2.23: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-23 */
import { setting } from '../../kit/setting.ts';
import { transitGateway } from '../transit-gateway.ts';

export default setting(transitGateway, {
  id: 'ec2/hold-gateway-attachments',
  title: 'Let somebody accept each attachment to a transit gateway',
  controls: ['EC2.23'],
  risk: 'disruptive',
  wants: { AutoAcceptSharedAttachments: 'disable' },
});
