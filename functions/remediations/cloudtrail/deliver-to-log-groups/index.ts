/**
 * CloudTrail.5 (Config rule cloud-trail-cloud-watch-logs-enabled): the trail names a log group of CloudWatch Logs.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-5
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { costPer } from '../../kit/monthly-cost.ts';
import { NO_ROLE } from '../../kit/service-role.ts';
import {
  deliveryObjection,
  LOG_DELIVERY_READS,
  LogDelivery,
  LogDeliveryParams,
  NO_LOG_DELIVERY,
  namedDelivery,
  PASSES_LOG_ROLE,
  settingsOf,
} from '../log-delivery.ts';
import * as trails from '../trail.ts';

export default defineRemediation({
  id: 'cloudtrail/deliver-to-log-groups',
  title: 'Deliver the events of a trail to a log group',
  handles: { controls: ['CloudTrail.5'] },
  // It costs money each month, so a person agrees by default.
  risk: 'disruptive',
  target: trails.trailTarget,
  found: z.strictObject({ trail: z.string(), role: z.string() }),
  params: LogDeliveryParams,
  controlParams: { logGroupName: 'own', roleName: 'own' },
  state: z.strictObject({ delivery: LogDelivery.nullable() }),
  reads: [...trails.TRAIL_READS, ...LOG_DELIVERY_READS],
  writes: [trails.updatesTrail('names group and role; rollback removes them'), PASSES_LOG_ROLE],
  clients: { cloudtrail: CloudTrailClient, logs: CloudWatchLogsClient, iam: IAMClient },
}).by({
  async read({ cloudtrail, ...context }) {
    const trail = await trails.findTrail(cloudtrail, trails.trailArn(context));
    const { CloudWatchLogsLogGroupArn: group, CloudWatchLogsRoleArn: role = null } = trail ?? {};
    return trail && { delivery: group ? { group, role } : null };
  },
  targets: (_, { target: { trail }, params: { roleName = NO_ROLE } }) => [{ trail, role: roleName }],
  want: ({ delivery }, { params, ...place }) => {
    const wanted = delivery ?? namedDelivery(params, place);
    return wanted ? { delivery: wanted } : refused(NO_LOG_DELIVERY);
  },
  objection: async (context) => (await trails.trailObjection(context)) ?? deliveryObjection(context),
  write: (context, _, { delivery }) => trails.updateTrail(context, settingsOf(delivery)),
  tags: ({ cloudtrail, ...context }) => trails.trailTags(cloudtrail, trails.trailArn(context)),
  costs: () => costPer('logIngestion', 'a GB of events'),
  summary: (_, { delivery }) =>
    delivery ? `events go to ${delivery.group}` : 'events no longer go to CloudWatch Logs',
  declared: (_, { delivery }) => trails.declaredTrail(settingsOf(delivery)),
});
