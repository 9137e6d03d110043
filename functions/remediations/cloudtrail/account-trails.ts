/**
 * The trails that log for an account: its own in any Region, and those of the organization. CloudTrail shows a trail of
 * all Regions in each Region, and takes changes only in its home Region.
 */
import {
  type CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  paginateListTrails,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import type { Place } from '../../contract/remediation.ts';
import { controlTowerObstacle } from '../kit/control-tower.ts';
import { Selectors, selectorsOf } from '../kit/event-selectors.ts';

/** A trail of the account that is at home in the finding's Region. */
export const AccountTrail = z.strictObject({
  name: z.string(),
  multiRegion: z.boolean(),
  globalEvents: z.boolean(),
  logging: z.boolean(),
  selectors: Selectors,
});
export type AccountTrail = z.infer<typeof AccountTrail>;

/** Another trail, on which the control depends, and which cannot be changed from the finding's account and Region. */
export const OtherTrail = z.strictObject({
  arn: z.string(),
  is: z.enum(['passing', 'of the organization', 'of Control Tower', 'at home elsewhere', 'of another Region alone']),
});
export type OtherTrail = z.infer<typeof OtherTrail>;

/** At most one of the two is not null. */
export const AccountTrails = z.strictObject({ trail: AccountTrail.nullable(), other: OtherTrail.nullable() });
export type AccountTrails = z.infer<typeof AccountTrails>;

export const ACCOUNT_TRAIL_READS = [
  {
    actions: ['cloudtrail:DescribeTrails'],
    resources: ['*'],
    because: 'takes no resource: the trails of the account and of the organization',
  },
  {
    actions: ['cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors'],
    resources: ['arn:{partition}:cloudtrail:*:{account}:trail/*'],
    because: 'whether they log, and which events',
  },
  {
    actions: ['cloudtrail:ListTags'],
    resources: ['arn:{partition}:cloudtrail:{region}:{account}:trail/*'],
    because: 'whether a stack or Terraform manages the trail',
  },
] as const;

/** The permission that a wish with `ofOneRegion` needs. */
export const LIST_TRAILS = {
  actions: ['cloudtrail:ListTrails'],
  resources: ['*'],
  because: 'takes no resource: trails of other Regions that could be widened instead',
} as const;

export type TrailsContext = Place & { readonly cloudtrail: CloudTrailClient };

export type TrailWish = {
  readonly passes: (trail: AccountTrail) => boolean;
  /** Whether a change from its home Region could make it pass. */
  readonly fits: (trail: AccountTrail) => boolean;
  /** Trails of one Region fit too. CloudTrail describes those only in their home Region. */
  readonly ofOneRegion?: true;
};

type FoundTrail = AccountTrail & { readonly arn: string; readonly home: string };

/** Finds the trail that passes, or the one to change, or another trail on which the control depends. */
export async function findAccountTrails(context: TrailsContext, wish: TrailWish): Promise<AccountTrails> {
  const { trailList = [] } = await context.cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  const own = await ownTrails(context, trailList);
  const isHere = ({ home }: FoundTrail) => home === context.region;
  const passing = own.filter(wish.passes);
  const passingHere = passing.find(isHere);
  if (passingHere) return toChange(passingHere);
  if (passing[0]) return decidedBy(passing[0].arn, 'passing');

  const ofOrganization = trailList.find(({ IsOrganizationTrail }) => IsOrganizationTrail);
  if (ofOrganization) return decidedBy(ofOrganization.TrailARN!, 'of the organization');

  const fitting = own.filter(wish.fits);
  const free = fitting.filter(({ name }) => controlTowerObstacle(name) === undefined);
  const here = free.find(isHere);
  if (here) return toChange(here);
  if (free[0]) return decidedBy(free[0].arn, 'at home elsewhere');
  const hidden = wish.ofOneRegion && (await hiddenTrail(context, own));
  if (hidden) return decidedBy(hidden, 'of another Region alone');
  return fitting[0] ? decidedBy(fitting[0].arn, 'of Control Tower') : { trail: null, other: null };
}

const decidedBy = (arn: string, is: OtherTrail['is']): AccountTrails => ({ trail: null, other: { arn, is } });

const toChange = ({ arn: _, home: __, ...trail }: FoundTrail): AccountTrails => ({ trail, other: null });

/** Returns the account's own trails: those of all Regions before those of one Region, and each kind by name. */
async function ownTrails(context: TrailsContext, visible: readonly Trail[]): Promise<FoundTrail[]> {
  const trails: FoundTrail[] = [];
  for (const trail of visible)
    if (!trail.IsOrganizationTrail && trail.TrailARN?.split(':')[4] === context.account)
      trails.push(await describeTrail(context, trail));
  return trails.sort(
    (a, b) => Number(b.multiRegion) - Number(a.multiRegion) || Number(a.name > b.name) - Number(a.name < b.name),
  );
}

async function describeTrail({ cloudtrail }: TrailsContext, trail: Trail): Promise<FoundTrail> {
  const { TrailARN: arn = '', Name: name = '', HomeRegion: home = '' } = trail;
  const { IsLogging = false } = await cloudtrail.send(new GetTrailStatusCommand({ Name: arn }));
  const selectors = selectorsOf(await cloudtrail.send(new GetEventSelectorsCommand({ TrailName: arn })));
  const { IsMultiRegionTrail: multiRegion = false, IncludeGlobalServiceEvents: globalEvents = false } = trail;
  return { arn, name, home, multiRegion, globalEvents, logging: IsLogging, selectors };
}

/** Returns the ARN of a single-Region trail of another Region, which CloudTrail describes only there. */
async function hiddenTrail({ cloudtrail }: TrailsContext, visible: readonly FoundTrail[]): Promise<string | undefined> {
  for await (const { Trails = [] } of paginateListTrails({ client: cloudtrail }, {})) {
    const hidden = Trails.find(({ TrailARN }) => !visible.some(({ arn }) => arn === TrailARN));
    if (hidden) return hidden.TrailARN;
  }
  return undefined;
}

/** Returns why another trail, which does not pass, is the one to change. */
export function otherTrailText({ arn, is }: OtherTrail): string {
  const [, , , home, account, trail = ''] = arn.split(':');
  const named = `trail ${trail.replace('trail/', '')} (${arn})`;
  if (is === 'of the organization')
    return `the organization has the ${named}: change it in the management account ${account}, so that it covers all accounts`;
  if (is === 'of Control Tower')
    return `the ${named} belongs to AWS Control Tower: change the landing zone in the management account`;
  if (is === 'of another Region alone')
    return `the ${named} covers ${home} alone, and can be widened instead: the finding of CloudTrail.1 of that Region is the one to fix`;
  return `the ${named} can be changed instead, at home in ${home} alone: the finding of that Region is the one to fix`;
}
