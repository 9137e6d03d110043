/** S3.23: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-23 */
import { objectEventTrail } from '../object-event-trail.ts';
import { OBJECT_READS } from '../object-events.ts';

export default objectEventTrail({
  id: 'cloudtrail/log-object-reads',
  title: 'Log reads of S3 objects',
  control: 'S3.23',
  direction: OBJECT_READS,
});
