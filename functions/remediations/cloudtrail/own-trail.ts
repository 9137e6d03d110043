/** A trail of the finding's account and home Region. Others are found too, but cannot be changed from there. */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { resourceType } from '../kit/resource-type.ts';
import {
  findTrail,
  TRAIL_READS,
  TRAIL_WORDS,
  trailArn,
  trailObstacle,
  trailTags,
  trailTarget,
  updatesTrail,
  updateTrail,
} from './trail.ts';

export const cloudTrailTrail = resourceType({
  target: trailTarget,
  clients: { cloudtrail: CloudTrailClient },
  cloudFormation: TRAIL_WORDS.cloudFormation,
  terraform: TRAIL_WORDS.terraform,
  reads: TRAIL_READS,
  writes: updatesTrail('sets the attribute; rollback sets it back'),
  attributes: { LogFileValidationEnabled: TRAIL_WORDS.attributes.LogFileValidationEnabled },
}).by({
  async find({ cloudtrail, region, ...context }) {
    const trail = await findTrail(cloudtrail, trailArn(context));
    return trail && { ...trail, region };
  },
  change: (context, { LogFileValidationEnabled: EnableLogFileValidation }) =>
    updateTrail(context, { EnableLogFileValidation }),
  tags: ({ TrailARN = '' }, { cloudtrail }) => trailTags(cloudtrail, TrailARN),
  obstacle: (trail) => trailObstacle(trail, trail),
});
