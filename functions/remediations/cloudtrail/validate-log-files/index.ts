/**
 * CloudTrail.4: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-4
 * Log file validation must be on for every trail; the control has no parameters and no exceptions.
 */
import { CloudTrailClient, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { arn, defineRemediation, refused } from '../../../contract/remediation.ts';
import { ANY_TRAIL, hindranceOf, OWN_TRAIL, trailArn, trailNamed, trailTags } from '../trail.ts';

export default defineRemediation({
  id: 'cloudtrail/validate-log-files',
  title: 'Validate the log files of a trail',
  handles: { controls: ['CloudTrail.4'] },
  risk: 'safe',
  target: arn('AwsCloudTrailTrail', ANY_TRAIL),
  params: z.strictObject({}),
  state: z.strictObject({ validated: z.boolean() }),
  reads: [
    {
      actions: ['cloudtrail:DescribeTrails'],
      resources: ['*'],
      because: 'takes no resource; shows trails of other Regions and of the organization too',
    },
    { actions: ['cloudtrail:ListTags'], resources: [OWN_TRAIL], because: 'who else manages the trail' },
  ],
  writes: [
    {
      actions: ['cloudtrail:UpdateTrail'],
      resources: [OWN_TRAIL],
      because: 'switches validation on; rollback off again',
    },
  ],
  clients: { cloudtrail: CloudTrailClient },
}).by({
  async read({ cloudtrail, ...where }) {
    const trail = await trailNamed(cloudtrail, trailArn(where));
    return trail && { validated: trail.LogFileValidationEnabled ?? false };
  },
  want: () => ({ validated: true }),
  async objection({ cloudtrail, ...where }) {
    const trail = await trailNamed(cloudtrail, trailArn(where));
    const hindrance = trail && hindranceOf(trail, where);
    return hindrance === undefined ? undefined : refused(hindrance);
  },
  async write({ cloudtrail, ...where }, _, { validated }) {
    // What the request leaves out stays as it is.
    await cloudtrail.send(new UpdateTrailCommand({ Name: trailArn(where), EnableLogFileValidation: validated }));
  },
  tags: ({ cloudtrail, ...where }) => trailTags(cloudtrail, trailArn(where)),
  summary: (_, { validated }) => `validation of the trail's log files ${validated ? 'on' : 'off'}`,
});
