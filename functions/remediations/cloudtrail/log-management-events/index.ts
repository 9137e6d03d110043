/**
 * CloudTrail.1 (Config rule multi-region-cloudtrail-enabled): a trail of all Regions logs all management events.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-1
 */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { accountTrailTags, declaredAccountTrail, wantTrails, writeAccountTrail } from '../account-trail-steps.ts';
import { ACCOUNT_TRAIL_READS, AccountTrails, findAccountTrails, LIST_TRAILS } from '../account-trails.ts';
import { MANAGEMENT_TRAIL, managementCost, managementText, withManagementEvents } from '../management-events.ts';
import { NARROWS, NewTrailParams, newTrail, WIDENS } from '../widen-trail.ts';

export default defineRemediation({
  id: 'cloudtrail/log-management-events',
  title: 'Log the management events of all Regions',
  handles: { controls: ['CloudTrail.1'] },
  // It costs money each month, so a person agrees by default.
  risk: 'disruptive',
  target: accountTarget,
  found: z.strictObject({ trail: z.string() }),
  params: NewTrailParams,
  controlParams: { bucketName: 'own', trailName: 'own' },
  state: AccountTrails,
  reads: [...ACCOUNT_TRAIL_READS, LIST_TRAILS],
  writes: [WIDENS],
  undoes: [NARROWS],
  clients: { cloudtrail: CloudTrailClient },
  global: true,
}).by({
  read: (context) => findAccountTrails(context, MANAGEMENT_TRAIL),
  targets: ({ trail }, { params }) => [{ trail: trail?.name ?? params.trailName }],
  want: (state, { params }) => wantTrails(state, (trail) => (trail ? withManagementEvents(trail) : newTrail(params))),
  write: writeAccountTrail,
  tags: (context) => accountTrailTags(context, MANAGEMENT_TRAIL),
  costs: managementCost,
  declared: declaredAccountTrail,
  summary: ({ trail: from }, { trail: to }) => managementText(from, to),
});
