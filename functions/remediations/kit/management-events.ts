/** Read and write events of management. */
import {
  type AdvancedSelector,
  ALL_MANAGEMENT_EVENTS,
  type BasicSelector,
  type EventKind,
  fieldValues,
  namesOnly,
} from './event-selectors.ts';

const CATEGORY = 'eventCategory';
const isOfManagement = (selector: AdvancedSelector) => fieldValues(selector, CATEGORY)?.includes('Management') ?? false;

export const MANAGEMENT_EVENT_KIND: EventKind = {
  isLoggedBy: ({ ReadWriteType, IncludeManagementEvents, ExcludeManagementEventSources }) =>
    ReadWriteType === 'All' && IncludeManagementEvents && ExcludeManagementEventSources.length === 0,
  // A selector without further fields excludes nothing.
  isLoggedByAdvanced: (selector) => isOfManagement(selector) && namesOnly(selector, [CATEGORY]),
  /** Lets one selector log them all. Selectors keep their data events, and no selector gets new ones. */
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
