import { expect, it } from 'vitest';
import { ALL_MANAGEMENT_EVENTS, selectorsOf } from '../../../../functions/remediations/kit/event-selectors.ts';

it('a trail without selectors logs all management events', () => {
  expect(selectorsOf({})).toEqual({ EventSelectors: [ALL_MANAGEMENT_EVENTS] });
  expect(selectorsOf({ EventSelectors: [], AdvancedEventSelectors: [] })).toEqual({
    EventSelectors: [ALL_MANAGEMENT_EVENTS],
  });
});

it('selectors have the defaults of CloudTrail, and advanced ones have precedence', () => {
  const basic = { ReadWriteType: 'WriteOnly' as const };
  expect(selectorsOf({ EventSelectors: [basic] })).toEqual({
    EventSelectors: [{ ...ALL_MANAGEMENT_EVENTS, ...basic }],
  });
  const advanced = { Name: 'all', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'] }] };
  expect(selectorsOf({ AdvancedEventSelectors: [advanced] })).toEqual({ AdvancedEventSelectors: [advanced] });
});
