/** Steps of the remediations that make a trail of the account log more events. */
import { type Refusal, type ResourceTags, refused } from '../../contract/remediation.ts';
import {
  type AccountTrail,
  type AccountTrails,
  findAccountTrails,
  otherTrailText,
  type TrailsContext,
  type TrailWish,
} from './account-trails.ts';
import { trailTags } from './trail.ts';

/** Returns the wanted trails: as they are if another one passes, a refusal if another one decides. */
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
