/** Trails of all Regions that log management events. */
import { isEqual } from '../../contract/is-equal.ts';
import type { Refusal } from '../../contract/remediation.ts';
import { areLogged, withEvents } from '../kit/event-selectors.ts';
import { MANAGEMENT_EVENT_KIND } from '../kit/management-events.ts';
import { costPer } from '../kit/monthly-cost.ts';
import type { AccountTrail, TrailWish } from './account-trails.ts';

/** A trail of all Regions that logs them. Every trail of the account could become one. */
export const MANAGEMENT_TRAIL: TrailWish = {
  passes: ({ multiRegion, logging, selectors }) =>
    multiRegion && logging && areLogged(MANAGEMENT_EVENT_KIND, selectors),
  fits: () => true,
  ofOneRegion: true,
};

/** Returns the trail as it is when it also logs the management events of all Regions. */
export function withManagementEvents(trail: AccountTrail): AccountTrail | Refusal {
  const selectors = withEvents(MANAGEMENT_EVENT_KIND, trail.selectors);
  if ('refused' in selectors) return selectors;
  return { ...trail, multiRegion: true, globalEvents: true, logging: true, selectors };
}

/** Returns the cost. AWS does not say whether a trail is the first that logs these events. */
export const managementCost = (): string =>
  `the first copy of management events is free, others cost ${costPer('managementEvents', 'for 100,000')}; S3 costs ${costPer('s3Storage', 'a GB and month')}`;

/** Returns what becomes of the trail. */
export function managementText(from: AccountTrail | null, to: AccountTrail | null): string {
  if (!to) return `without the trail ${from!.name}`;
  if (!from) return `a new trail ${to.name} logs all management events of all Regions`;
  const changes = [
    from.multiRegion !== to.multiRegion && (to.multiRegion ? 'covers all Regions' : 'covers one Region'),
    !isEqual(from.selectors, to.selectors) &&
      (areLogged(MANAGEMENT_EVENT_KIND, to.selectors) ? 'logs all management events' : 'logs the events that it did'),
    from.logging !== to.logging && (to.logging ? 'is started' : 'is stopped'),
  ];
  return `the trail ${to.name} ${changes.filter(Boolean).join(', ')}`;
}
