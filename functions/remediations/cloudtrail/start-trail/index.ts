/**
 * CloudTrail.3 (Config rule cloudtrail-enabled): a trail logs for the account in the finding's Region.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-3
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { accountTrailTags, declaredAccountTrail, wantTrails, writeAccountTrail } from '../account-trail-steps.ts';
import {
  ACCOUNT_TRAIL_READS,
  AccountTrails,
  findAccountTrails,
  LIST_TRAILS,
  type TrailWish,
} from '../account-trails.ts';
import { managementCost, managementText } from '../management-events.ts';
import { NARROWS, NewTrailParams, newTrail, STARTS } from '../widen-trail.ts';

/** Events do not matter: every trail of the account could be one. */
const LOGGING_TRAIL: TrailWish = { passes: ({ logging }) => logging, fits: () => true, ofOneRegion: true };

export default defineRemediation({
  id: 'cloudtrail/start-trail',
  title: 'Start a trail of the account',
  handles: { controls: ['CloudTrail.3'] },
  // It costs money each month, so a person agrees by default.
  risk: 'disruptive',
  target: accountTarget,
  found: z.strictObject({ trail: z.string() }),
  params: NewTrailParams,
  controlParams: { bucketName: 'own', trailName: 'own' },
  state: AccountTrails,
  reads: [...ACCOUNT_TRAIL_READS, LIST_TRAILS],
  writes: [STARTS],
  undoes: [NARROWS],
  clients: { cloudtrail: CloudTrailClient },
  global: true,
}).by({
  read: (context) => findAccountTrails(context, LOGGING_TRAIL),
  targets: ({ trail }, { params }) => [{ trail: trail?.name ?? params.trailName }],
  want: (state, { params }) => wantTrails(state, (trail) => (trail ? { ...trail, logging: true } : newTrail(params))),
  write: writeAccountTrail,
  tags: (context) => accountTrailTags(context, LOGGING_TRAIL),
  costs: managementCost,
  declared: declaredAccountTrail,
  summary: ({ trail: from }, { trail: to }) => managementText(from, to),
});
