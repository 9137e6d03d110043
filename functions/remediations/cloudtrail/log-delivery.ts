/** The prerequisites of delivery to CloudWatch Logs: a log group, and a role that may write to it. */
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { findLogGroup } from '../kit/find-log-group.ts';
import { namedIn } from '../kit/named-in-policy.ts';
import { ROLE_NAME, serviceRoleObstacle } from '../kit/service-role.ts';

export const LogDeliveryParams = z.strictObject({
  logGroupName: z
    .string()
    .regex(/^[.\-_/#A-Za-z0-9{}]{1,512}$/)
    .optional(),
  roleName: z.string().regex(ROLE_NAME).optional(),
});
type LogDeliveryParams = z.infer<typeof LogDeliveryParams>;

export const NO_LOG_DELIVERY =
  'policy names no log group: set params.logGroupName to one in each account, and params.roleName to a role there that CloudTrail may assume to write to it';

export const LOG_DELIVERY_READS = [
  { actions: ['logs:DescribeLogGroups'], resources: ['*'], because: 'takes no resource: whether the group exists' },
  {
    actions: ['iam:GetRole'],
    resources: ['arn:{partition}:iam::{account}:role/*'],
    because: 'whether CloudTrail may assume the role that policy names',
  },
] as const;

/** The permission to pass the role that the trail gets. */
export const PASSES_LOG_ROLE = {
  actions: ['iam:PassRole'],
  resources: ['arn:{partition}:iam::{account}:role/{role}'],
  only: { 'iam:PassedToService': 'cloudtrail.amazonaws.com' },
  because: 'of the trail',
} as const;

/** The two ARNs, in the form that a trail has. */
export const LogDelivery = z.strictObject({ group: z.string(), role: z.string().nullable() });
export type LogDelivery = z.infer<typeof LogDelivery>;

/** Returns the settings of a trail. Empty texts end the delivery. */
export const settingsOf = (delivery: LogDelivery | null) => ({
  CloudWatchLogsLogGroupArn: delivery?.group ?? '',
  CloudWatchLogsRoleArn: delivery?.role ?? '',
});

/** Returns the delivery that policy names in this place, or undefined if it names none. */
export function namedDelivery({ logGroupName, roleName }: LogDeliveryParams, place: Place): LogDelivery | undefined {
  if (logGroupName === undefined || roleName === undefined) return undefined;
  const { partition, region, account } = place;
  return {
    group: `arn:${partition}:logs:${region}:${account}:log-group:${namedIn(logGroupName, place)}:*`,
    role: `arn:${partition}:iam::${account}:role/${roleName}`,
  };
}

type DeliveryContext = Place & {
  readonly params: LogDeliveryParams;
  readonly logs: CloudWatchLogsClient;
  readonly iam: IAMClient;
};

/**
 * Returns a refusal that says what is missing, or undefined if nothing is. CloudTrail itself checks the permissions of
 * the role when the trail gets it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
 */
export async function deliveryObjection(context: DeliveryContext): Promise<Refusal | undefined> {
  const { logs, iam, params, ...place } = context;
  const { logGroupName = '', roleName = '' } = params;
  const name = namedIn(logGroupName, place);
  if (!(await findLogGroup(logs, name)))
    return refused(`the log group ${name} does not exist: create it, or name another in params.logGroupName`);
  const obstacle = await serviceRoleObstacle(iam, roleName, 'cloudtrail.amazonaws.com');
  return obstacle === undefined ? undefined : refused(obstacle);
}
