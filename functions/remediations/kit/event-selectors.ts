/**
 * The events that a trail logs, by basic or by advanced event selectors: it has one form or the other.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 */
import type { AdvancedEventSelector, EventSelector, GetEventSelectorsResponse } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { type Refusal, refused } from '../../contract/remediation.ts';

const ReadWriteType = z.enum(['All', 'ReadOnly', 'WriteOnly']);
const BasicSelector = z.strictObject({
  ReadWriteType,
  IncludeManagementEvents: z.boolean(),
  DataResources: z.array(z.strictObject({ Type: z.string(), Values: z.array(z.string()) })),
  ExcludeManagementEventSources: z.array(z.string()),
});
export type BasicSelector = z.infer<typeof BasicSelector>;

const Texts = z.array(z.string()).optional();
const FieldSelector = z.strictObject({
  Field: z.string(),
  Equals: Texts,
  StartsWith: Texts,
  EndsWith: Texts,
  NotEquals: Texts,
  NotStartsWith: Texts,
  NotEndsWith: Texts,
});
const AdvancedSelector = z.strictObject({ Name: z.string().optional(), FieldSelectors: z.array(FieldSelector) });
export type AdvancedSelector = z.infer<typeof AdvancedSelector>;

export const Selectors = z.union([
  z.strictObject({ EventSelectors: z.array(BasicSelector) }),
  z.strictObject({ AdvancedEventSelectors: z.array(AdvancedSelector) }),
]);
export type Selectors = z.infer<typeof Selectors>;

/** The selector of a new trail. */
export const ALL_MANAGEMENT_EVENTS: BasicSelector = {
  ReadWriteType: 'All',
  IncludeManagementEvents: true,
  DataResources: [],
  ExcludeManagementEventSources: [],
};

const MAX_BASIC_SELECTORS = 5;

/** Returns the selectors of CloudTrail's answer, with its defaults: a trail without selectors logs management events. */
export function selectorsOf({
  EventSelectors = [],
  AdvancedEventSelectors = [],
}: GetEventSelectorsResponse): Selectors {
  if (AdvancedEventSelectors.length > 0) return { AdvancedEventSelectors: AdvancedEventSelectors.map(advancedOf) };
  return { EventSelectors: EventSelectors.length > 0 ? EventSelectors.map(basicOf) : [ALL_MANAGEMENT_EVENTS] };
}

const basicOf = (selector: EventSelector): BasicSelector => ({
  ReadWriteType: selector.ReadWriteType ?? 'All',
  IncludeManagementEvents: selector.IncludeManagementEvents ?? true,
  DataResources: (selector.DataResources ?? []).map(({ Type = '', Values = [] }) => ({ Type, Values })),
  ExcludeManagementEventSources: selector.ExcludeManagementEventSources ?? [],
});

const advancedOf = ({ Name, FieldSelectors = [] }: AdvancedEventSelector): AdvancedSelector => ({
  ...(Name !== undefined && { Name }),
  FieldSelectors: FieldSelectors.map(({ Field = '', ...values }) => ({ Field, ...values })),
});

/** How a kind of events is found in selectors, and added to them. */
export type EventKind = {
  readonly isLoggedBy: (selector: BasicSelector) => boolean;
  readonly isLoggedByAdvanced: (selector: AdvancedSelector) => boolean;
  readonly addTo: (selectors: readonly BasicSelector[]) => readonly BasicSelector[];
  readonly addToAdvanced: (selectors: readonly AdvancedSelector[]) => readonly AdvancedSelector[];
};

/** Whether one of the selectors logs all events of the kind. */
export const areLogged = (kind: EventKind, selectors: Selectors): boolean =>
  'EventSelectors' in selectors
    ? selectors.EventSelectors.some(kind.isLoggedBy)
    : selectors.AdvancedEventSelectors.some(kind.isLoggedByAdvanced);

/** Returns selectors that log the kind, and everything that the given ones log. */
export function withEvents(kind: EventKind, selectors: Selectors): Selectors | Refusal {
  if (areLogged(kind, selectors)) return selectors;
  if ('AdvancedEventSelectors' in selectors)
    return { AdvancedEventSelectors: [...kind.addToAdvanced(selectors.AdvancedEventSelectors)] };
  const EventSelectors = [...kind.addTo(selectors.EventSelectors)];
  if (EventSelectors.length <= MAX_BASIC_SELECTORS) return { EventSelectors };
  return refused(
    `the trail has ${selectors.EventSelectors.length} event selectors, and ${MAX_BASIC_SELECTORS} is the most: merge two, or use advanced ones`,
  );
}

/**
 * Returns the values that a field may have; undefined if the selector does not limit the field, or by other operators.
 */
export const fieldValues = ({ FieldSelectors }: AdvancedSelector, name: string): readonly string[] | undefined =>
  FieldSelectors.find(({ Field }) => Field === name)?.Equals;

/** Whether the selector names these fields and no other. */
export const namesOnly = ({ FieldSelectors }: AdvancedSelector, fields: readonly string[]): boolean =>
  FieldSelectors.every(({ Field }) => fields.includes(Field));
