/** ECR.1: https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html#ecr-1 */
import { setting } from '../../kit/setting.ts';
import { ecrRepository } from '../repository.ts';

export default setting(ecrRepository, {
  id: 'ecr/scan-images',
  title: 'Scan the images of a repository when they are pushed',
  controls: ['ECR.1'],
  risk: 'safe',
  wants: { ScanOnPush: true },
});
