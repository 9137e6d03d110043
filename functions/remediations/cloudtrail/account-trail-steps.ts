/** Steps of the remediations that make a trail of the account log more events. */
import { type DeclaredChange, type Refusal, type ResourceTags, refused } from '../../contract/remediation.ts';
import { differingValues } from '../kit/owner-language.ts';
import {
  type AccountTrail,
  type AccountTrails,
  findAccountTrails,
  otherTrailText,
  type TrailsContext,
  type TrailWish,
} from './account-trails.ts';
import { declaredTrail, trailTags } from './trail.ts';
import { changeTrail, createTrail, deleteTrail, type NewTrailParams } from './widen-trail.ts';

/** Returns the wanted trails: as they are if another one passes, a refusal if another one is the one to change. */
export function wantTrails(
  { trail, other }: AccountTrails,
  widened: (trail: AccountTrail | null) => AccountTrail | Refusal,
): AccountTrails | Refusal {
  if (other) return other.is === 'passing' ? { trail, other } : refused(otherTrailText(other));
  const wanted = widened(trail);
  return 'refused' in wanted ? wanted : { trail: wanted, other };
}

/** Returns the tags of the trail that is to change. */
export async function accountTrailTags(context: TrailsContext, wish: TrailWish): Promise<ResourceTags> {
  const { trail } = await findAccountTrails(context, wish);
  const { cloudtrail, partition, region, account } = context;
  return trail ? trailTags(cloudtrail, `arn:${partition}:cloudtrail:${region}:${account}:trail/${trail.name}`) : {};
}

/** Returns what the owner of the trail writes for the change. Nobody owns one that is created. */
export function declaredAccountTrail({ trail: from }: AccountTrails, { trail: to }: AccountTrails): DeclaredChange {
  if (!from || !to) return { cloudFormation: undefined, terraform: undefined };
  return declaredTrail(differingValues(settingsOfTrail(from), settingsOfTrail(to)));
}

const settingsOfTrail = ({ multiRegion, globalEvents, logging, selectors }: AccountTrail) => ({
  IsMultiRegionTrail: multiRegion,
  IncludeGlobalServiceEvents: globalEvents,
  IsLogging: logging,
  ...selectors,
});

/** Creates, changes or deletes the trail. Returns a refusal if CloudTrail takes no such trail. */
export async function writeAccountTrail(
  { cloudtrail, params, ...place }: TrailsContext & { readonly params: NewTrailParams },
  { trail: from }: AccountTrails,
  { trail: to }: AccountTrails,
): Promise<Refusal | undefined> {
  if (from && to) return changeTrail(cloudtrail, from, to);
  if (to) return createTrail(cloudtrail, to, params, place);
  await deleteTrail(cloudtrail, from!);
  return undefined;
}
