/** A log group: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
import {
  CloudWatchLogsClient,
  DeleteRetentionPolicyCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { controlTowerObstacle } from '../kit/control-tower.ts';
import { findLogGroup } from '../kit/find-log-group.ts';
import { storageCost } from '../kit/monthly-cost.ts';
import { resourceType } from '../kit/resource-type.ts';

const LOG_GROUP = 'arn:{partition}:logs:{region}:{account}:log-group:{logGroup}';

export const cloudWatchLogGroup = resourceType({
  target: arn('AwsLogsLogGroup', LOG_GROUP, { logGroup: /[.\-_/#A-Za-z0-9]{1,512}/ }, /(?::\*)?/),
  clients: { logs: CloudWatchLogsClient },
  cloudFormation: 'AWS::Logs::LogGroup',
  terraform: 'aws_cloudwatch_log_group',
  reads: [
    {
      actions: ['logs:DescribeLogGroups'],
      resources: ['*'],
      because: 'takes no resource: the attributes of the group',
    },
    { actions: ['logs:ListTagsForResource'], resources: [LOG_GROUP], because: 'who else manages the group' },
  ],
  writes: { actions: ['logs:PutRetentionPolicy'], resources: [LOG_GROUP], because: 'sets it; rollback sets it back' },
  attributes: {
    /** null: logs never expire. */
    retentionInDays: {
      type: z.int().nullable(),
      default: null,
      cloudFormation: 'RetentionInDays',
      terraform: 'retention_in_days',
    },
  },
  // For several changes of one group at the same time.
  busyErrors: ['OperationAbortedException'],
}).by({
  find: ({ logs, target }) => findLogGroup(logs, target.logGroup),
  async change({ logs, target: { logGroup: logGroupName } }, { retentionInDays }) {
    if (retentionInDays === null) await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    else await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  },
  async tags({ logGroupArn }, { logs }) {
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn: logGroupArn }));
    return tags ?? {};
  },
  obstacle: ({ logGroupName = '', logGroupClass }) =>
    logGroupClass === 'DELIVERY'
      ? 'its class is DELIVERY, whose logs AWS keeps for two days: nobody can change that'
      : controlTowerObstacle(logGroupName),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LONG_RETENTIONS_DAYS = [365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** Returns the shortest retention that AWS takes, that is at least a year, and that keeps logs for so many days. */
export const retentionOf = (days: number): number =>
  LONG_RETENTIONS_DAYS.find((retention) => retention >= days) ?? LONG_RETENTIONS_DAYS.at(-1)!;

type Retention = { readonly retentionInDays: number | null };

/** Returns the price of the logs that a longer retention adds if each day adds as many as until now. */
export const costOfLongerRetention = (
  { retentionInDays: from }: Retention,
  { retentionInDays: to }: Retention,
  { storedBytes = 0 }: Pick<LogGroup, 'storedBytes'>,
): string | undefined =>
  from && to && to > from ? `in time ${storageCost('logStorage', storedBytes * (to / from - 1), 'logs')}` : undefined;
