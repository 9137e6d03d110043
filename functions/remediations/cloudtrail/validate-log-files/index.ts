/**
 * CloudTrail.4: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-4
 * Log file validation must be on for every trail; the control has no parameters and no exceptions.
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import {
  declaredTrail,
  findTrail,
  TRAIL_READS,
  trailArn,
  trailObjection,
  trailTags,
  trailTarget,
  updatesTrail,
  updateTrail,
} from '../trail.ts';

export default defineRemediation({
  id: 'cloudtrail/validate-log-files',
  title: 'Validate the log files of a trail',
  handles: { controls: ['CloudTrail.4'] },
  risk: 'safe',
  target: trailTarget,
  params: z.strictObject({}),
  state: z.strictObject({ validated: z.boolean() }),
  reads: TRAIL_READS,
  writes: [updatesTrail('switches validation on; rollback off again')],
  clients: { cloudtrail: CloudTrailClient },
}).by({
  async read({ cloudtrail, ...context }) {
    const trail = await findTrail(cloudtrail, trailArn(context));
    return trail && { validated: trail.LogFileValidationEnabled ?? false };
  },
  want: () => ({ validated: true }),
  objection: trailObjection,
  write: (context, _, { validated }) => updateTrail(context, { EnableLogFileValidation: validated }),
  tags: ({ cloudtrail, ...context }) => trailTags(cloudtrail, trailArn(context)),
  summary: (_, { validated }) => `validation of the trail's log files ${validated ? 'on' : 'off'}`,
  declared: (_, { validated }) => declaredTrail({ LogFileValidationEnabled: validated }),
});
