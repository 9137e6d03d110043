/** EC2.99: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-99 */
import { setting } from '../../../functions/remediations/kit/index.ts';
import { repository } from './repository.ts';

export default setting(repository, {
  id: 'service/verb-thing',
  title: 'Keep the image that a tag names',
  controls: ['EC2.99'],
  risk: 'disruptive',
  wants: { imageTagMutability: 'IMMUTABLE' },
});
