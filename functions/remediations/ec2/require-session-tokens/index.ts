/** EC2.8: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-8 */
import { setting } from '../../kit/setting.ts';
import { ec2Instance } from '../instance.ts';

export default setting(ec2Instance, {
  id: 'ec2/require-session-tokens',
  title: 'Require session tokens for the metadata of an instance (IMDSv2)',
  controls: ['EC2.8'],
  risk: 'disruptive',
  wants: { HttpTokens: 'required' },
});
