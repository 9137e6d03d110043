/** CloudWatch.16: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-16 */
import * as z from 'zod';
import { setting } from '../../kit/setting.ts';
import { cloudWatchLogGroup, retentionOf } from '../log-group.ts';

export default setting(cloudWatchLogGroup, {
  id: 'logs/keep-log-groups',
  title: 'Keep the logs of a log group long enough',
  controls: ['CloudWatch.16'],
  // It costs money each month, so a person agrees by default.
  risk: 'disruptive',
  params: z.strictObject({ days: z.int().min(365).max(3653).default(365) }),
  controlParams: {
    days: {
      stricter: 'more',
      requires: { 'CloudWatch.16': 365 },
      customizable: { 'CloudWatch.16': 'minRetentionTime' },
    },
  },
  // Logs that never expire pass.
  wants: { retentionInDays: (current, { days }) => current && retentionOf(Math.max(current, days)) },
  costs: ({ retentionInDays: from }, { retentionInDays: to }) =>
    from && to && to > from
      ? `in time it holds ${(to / from).toFixed(1)} times as much, at about $0.03 a GB and month`
      : undefined,
});
