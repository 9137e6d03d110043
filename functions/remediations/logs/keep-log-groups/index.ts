/** CloudWatch.16: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-16 */
import { daysToKeep } from '../../kit/days-to-keep.ts';
import { setting } from '../../kit/setting.ts';
import { cloudWatchLogGroup, costOfLongerRetention, retentionOf } from '../log-group.ts';

export default setting(cloudWatchLogGroup, {
  id: 'logs/keep-log-groups',
  title: 'Keep the logs of a log group long enough',
  controls: ['CloudWatch.16'],
  ...daysToKeep('CloudWatch.16', 'minRetentionTime', { least: 365, most: 3653 }),
  // Logs that never expire pass.
  wants: { retentionInDays: (current, { days }) => current && retentionOf(Math.max(current, days)) },
  costs: costOfLongerRetention,
});
