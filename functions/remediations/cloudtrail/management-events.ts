/** Read and write events of management. */
import { isEqual } from '../../contract/is-equal.ts';
import type { Refusal } from '../../contract/remediation.ts';
import type { AccountTrail, TrailWish } from './account-trails.ts';
import {
  type AdvancedSelector,
  ALL_MANAGEMENT_EVENTS,
  areLogged,
  type BasicSelector,
  type EventKind,
  fieldValues,
  namesOnly,
  withEvents,
} from './event-selectors.ts';

const CATEGORY = 'eventCategory';
const isOfManagement = (selector: AdvancedSelector) => fieldValues(selector, CATEGORY)?.includes('Management') ?? false;

const MANAGEMENT_EVENTS: EventKind = {
  isLoggedBy: ({ ReadWriteType, IncludeManagementEvents, ExcludeManagementEventSources }) =>
    ReadWriteType === 'All' && IncludeManagementEvents && ExcludeManagementEventSources.length === 0,
  // A selector without further fields excludes nothing.
  isLoggedByAdvanced: (selector) => isOfManagement(selector) && namesOnly(selector, [CATEGORY]),
  /** One selector logs them all. Others keep their data events, of which none is added. */
  addTo(selectors) {
    const forData = selectors.map(withoutManagement).filter(({ DataResources }) => DataResources.length > 0);
    const whole = forData.find(({ ReadWriteType }) => ReadWriteType === 'All');
    if (!whole) return [...forData, ALL_MANAGEMENT_EVENTS];
    return forData.map((each) => (each === whole ? { ...each, IncludeManagementEvents: true } : each));
  },
  addToAdvanced: (selectors) => [
    ...selectors.filter((selector) => !isOfManagement(selector)),
    { Name: 'Management events', FieldSelectors: [{ Field: CATEGORY, Equals: ['Management'] }] },
  ],
};

const withoutManagement = (selector: BasicSelector): BasicSelector => ({
  ...selector,
  IncludeManagementEvents: false,
  ExcludeManagementEventSources: [],
});

/** A trail of all Regions that logs them. Every trail of the account could be one. */
export const MANAGEMENT_TRAIL: TrailWish = {
  passes: ({ multiRegion, logging, selectors }) => multiRegion && logging && areLogged(MANAGEMENT_EVENTS, selectors),
  fits: () => true,
  ofOneRegion: true,
};

/** Returns the trail as it is when it logs the events of all Regions too. */
export function withManagementEvents(trail: AccountTrail): AccountTrail | Refusal {
  const selectors = withEvents(MANAGEMENT_EVENTS, trail.selectors);
  if ('refused' in selectors) return selectors;
  return { ...trail, multiRegion: true, globalEvents: true, logging: true, selectors };
}

const COST = 'the first copy of management events is free, others cost about $2 for 100,000 events, and S3 its storage';

/** Returns what becomes of the trail, and what it costs. */
export function managementText(from: AccountTrail | null, to: AccountTrail | null): string {
  if (!to) return `without the trail ${from!.name}`;
  if (!from) return `a new trail ${to.name} logs all management events of all Regions: ${COST}`;
  const changes = [
    from.multiRegion !== to.multiRegion && (to.multiRegion ? 'covers all Regions' : 'covers one Region'),
    !isEqual(from.selectors, to.selectors) &&
      (areLogged(MANAGEMENT_EVENTS, to.selectors) ? 'logs all management events' : 'logs the events that it did'),
    from.logging !== to.logging && (to.logging ? 'is started' : 'is stopped'),
  ];
  return `the trail ${to.name} ${changes.filter(Boolean).join(', ')}${to.logging ? `: ${COST}` : ''}`;
}
