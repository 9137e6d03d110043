/** S3.12: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-12 */
import { setting } from '../../kit/setting.ts';
import { bucketOwnership } from '../ownership.ts';

export default setting(bucketOwnership, {
  id: 's3/disable-bucket-acls',
  title: 'Disable the ACLs of a bucket',
  controls: ['S3.12'],
  risk: 'disruptive',
  wants: { ObjectOwnership: 'BucketOwnerEnforced' },
});
