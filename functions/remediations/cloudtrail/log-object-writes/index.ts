/** S3.22: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-22 */
import { objectEventTrail } from '../object-event-trail.ts';
import { OBJECT_WRITES } from '../object-events.ts';

export default objectEventTrail({
  id: 'cloudtrail/log-object-writes',
  title: 'Log writes to S3 objects',
  control: 'S3.22',
  direction: OBJECT_WRITES,
});
