/**
 * CloudTrail.4: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-4
 * Log file validation must be on for every trail; the control has no parameters and no exceptions.
 */
import { CloudTrailClient, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { arn, defineRemediation, refused } from '../../../contract/remediation.ts';
import { ANY_TRAIL_ARN, findTrail, OWN_TRAIL_ARN, TRAIL_FIELDS, trailArn, trailObstacle, trailTags } from '../trail.ts';

export default defineRemediation({
  id: 'cloudtrail/validate-log-files',
  title: 'Validate the log files of a trail',
  handles: { controls: ['CloudTrail.4'] },
  risk: 'safe',
  target: arn('AwsCloudTrailTrail', ANY_TRAIL_ARN, TRAIL_FIELDS),
  params: z.strictObject({}),
  state: z.strictObject({ validated: z.boolean() }),
  reads: [
    {
      actions: ['cloudtrail:DescribeTrails'],
      resources: ['*'],
      because: 'takes no resource; returns trails of other Regions and of the organization too',
    },
    {
      actions: ['cloudtrail:ListTags'],
      resources: [OWN_TRAIL_ARN],
      because: 'whether a stack or Terraform manages the trail',
    },
  ],
  writes: [
    {
      actions: ['cloudtrail:UpdateTrail'],
      resources: [OWN_TRAIL_ARN],
      because: 'switches validation on; rollback off again',
    },
  ],
  clients: { cloudtrail: CloudTrailClient },
}).by({
  async read({ cloudtrail, ...context }) {
    const trail = await findTrail(cloudtrail, trailArn(context));
    return trail && { validated: trail.LogFileValidationEnabled ?? false };
  },
  want: () => ({ validated: true }),
  async objection({ cloudtrail, ...context }) {
    const trail = await findTrail(cloudtrail, trailArn(context));
    const obstacle = trail && trailObstacle(trail, context);
    return obstacle === undefined ? undefined : refused(obstacle);
  },
  async write({ cloudtrail, ...context }, _, { validated }) {
    // CloudTrail keeps every setting that the request omits.
    await cloudtrail.send(new UpdateTrailCommand({ Name: trailArn(context), EnableLogFileValidation: validated }));
  },
  tags: ({ cloudtrail, ...context }) => trailTags(cloudtrail, trailArn(context)),
  summary: (_, { validated }) => `validation of the trail's log files ${validated ? 'on' : 'off'}`,
});
