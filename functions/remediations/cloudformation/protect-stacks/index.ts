/**
 * CloudFormation.3 (Config rule cloudformation-termination-protection-check).
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudformation-controls.html#cloudformation-3
 */
import { setting } from '../../kit/setting.ts';
import { cloudFormationStack } from '../stack.ts';

export default setting(cloudFormationStack, {
  id: 'cloudformation/protect-stacks',
  title: 'Protect a stack from deletion',
  controls: ['CloudFormation.3'],
  risk: 'safe',
  wants: { EnableTerminationProtection: true },
});
