/** Writes that make a trail log more, and less again. */
import {
  type CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { isEqual } from '../../contract/is-equal.ts';
import { type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { ALL_MANAGEMENT_EVENTS } from '../kit/event-selectors.ts';
import { NamedBucket, namedIn } from '../kit/named-in-policy.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import type { AccountTrail } from './account-trails.ts';
import { deliveryRefusal } from './delivery-refusal.ts';
import { OWN_TRAIL_ARN } from './trail.ts';

export const WIDENS = {
  actions: [
    'cloudtrail:CreateTrail',
    'cloudtrail:UpdateTrail',
    'cloudtrail:PutEventSelectors',
    'cloudtrail:StartLogging',
  ],
  resources: [OWN_TRAIL_ARN],
  because: 'widens and starts the trail, or creates one; rollback sets it back',
} as const;
export const STARTS = {
  actions: ['cloudtrail:CreateTrail', 'cloudtrail:StartLogging'],
  resources: [OWN_TRAIL_ARN],
  because: 'starts the trail, or creates one; rollback sets it back',
} as const;
export const NARROWS = {
  actions: ['cloudtrail:DeleteTrail', 'cloudtrail:StopLogging'],
  resources: [OWN_TRAIL_ARN],
  because: 'deletes the trail that was created, and stops the one that was started',
} as const;

/** Changes the settings that differ. Returns a refusal if CloudTrail takes no such trail. */
export async function changeTrail(
  cloudtrail: CloudTrailClient,
  from: AccountTrail,
  to: AccountTrail,
): Promise<Refusal | undefined> {
  const { name: Name, multiRegion: IsMultiRegionTrail, globalEvents: IncludeGlobalServiceEvents } = to;
  if (from.multiRegion !== to.multiRegion || from.globalEvents !== to.globalEvents) {
    const update = new UpdateTrailCommand({ Name, IsMultiRegionTrail, IncludeGlobalServiceEvents });
    const refusal = await deliveryRefusal(cloudtrail.send(update));
    if (refusal) return refusal;
  }
  if (!isEqual(from.selectors, to.selectors))
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Name, ...to.selectors }));
  if (from.logging !== to.logging)
    await cloudtrail.send(to.logging ? new StartLoggingCommand({ Name }) : new StopLoggingCommand({ Name }));
  return undefined;
}

export const NewTrailParams = z.strictObject({
  bucketName: NamedBucket.optional(),
  trailName: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/)
    .default('management-events'),
});
export type NewTrailParams = z.infer<typeof NewTrailParams>;

const NO_TRAIL_BUCKET =
  'the account has no trail, and policy names no bucket for one: set params.bucketName to a bucket that CloudTrail may write to, such as trails-111122223333 or trails-{account}';

/** Returns the trail that policy describes, as it is once it logs, or a refusal if policy names no bucket. */
export const newTrail = ({ trailName, bucketName }: NewTrailParams): AccountTrail | Refusal =>
  bucketName === undefined
    ? refused(NO_TRAIL_BUCKET)
    : {
        name: trailName,
        multiRegion: true,
        globalEvents: true,
        logging: true,
        selectors: { EventSelectors: [ALL_MANAGEMENT_EVENTS] },
      };

/** Creates a trail that validates its log files, and starts it. */
export async function createTrail(
  cloudtrail: CloudTrailClient,
  { name: Name }: AccountTrail,
  { bucketName = '' }: NewTrailParams,
  place: Place,
): Promise<Refusal | undefined> {
  const creation = cloudtrail.send(
    new CreateTrailCommand({
      Name,
      S3BucketName: namedIn(bucketName, place),
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
    }),
  );
  const refusal = await deliveryRefusal(orUndefined(creation, 'TrailAlreadyExistsException'));
  if (!refusal) await cloudtrail.send(new StartLoggingCommand({ Name }));
  return refusal;
}

export async function deleteTrail(cloudtrail: CloudTrailClient, { name: Name }: AccountTrail): Promise<void> {
  await orUndefined(cloudtrail.send(new DeleteTrailCommand({ Name })), 'TrailNotFoundException');
}
