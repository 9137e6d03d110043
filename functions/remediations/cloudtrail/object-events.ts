/** Data events of the objects in all buckets, current and future ones. */
import {
  type AdvancedSelector,
  type BasicSelector,
  type EventKind,
  fieldValues,
  namesOnly,
} from '../kit/event-selectors.ts';

const OBJECTS = 'AWS::S3::Object';
/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html */
const ALL_BUCKETS = /^arn:aws[\w-]*:s3(:::)?$/;

export type ObjectDirection = {
  readonly type: 'ReadOnly' | 'WriteOnly';
  /** The value of the field readOnly. */
  readonly readOnly: 'true' | 'false';
  /** For people, such as `writes to S3 objects`; also the name of a selector. */
  readonly text: string;
};

/** Returns the events that read objects, or those that write them. */
export const objectEvents = ({ type, readOnly, text }: ObjectDirection, partition: string): EventKind => ({
  isLoggedBy: (selector) => ['All', type].includes(selector.ReadWriteType) && logsAllBuckets(selector),
  isLoggedByAdvanced: (selector) =>
    isOfAllObjects(selector) && (fieldValues(selector, 'readOnly') ?? [readOnly]).includes(readOnly),
  addTo: (selectors) => addEvents(selectors, type, `arn:${partition}:s3`),
  addToAdvanced: (selectors) => [
    ...selectors,
    {
      Name: text,
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: [OBJECTS] },
        { Field: 'readOnly', Equals: [readOnly] },
      ],
    },
  ],
});

export const OBJECT_WRITES: ObjectDirection = { type: 'WriteOnly', readOnly: 'false', text: 'writes to S3 objects' };
export const OBJECT_READS: ObjectDirection = { type: 'ReadOnly', readOnly: 'true', text: 'reads of S3 objects' };

const logsAllBuckets = ({ DataResources }: BasicSelector): boolean =>
  DataResources.some(({ Type, Values }) => Type === OBJECTS && Values.some((value) => ALL_BUCKETS.test(value)));

/** Any other field, such as an ARN or the name of an event, leaves events out. */
const isOfAllObjects = (selector: AdvancedSelector): boolean =>
  fieldValues(selector, 'eventCategory')?.[0] === 'Data' &&
  fieldValues(selector, 'resources.type')?.[0] === OBJECTS &&
  namesOnly(selector, ['eventCategory', 'resources.type', 'readOnly']);

/**
 * Adds the events to the selector of the same direction, or as a new one: any other selector would log more than these.
 */
function addEvents(
  selectors: readonly BasicSelector[],
  ReadWriteType: ObjectDirection['type'],
  all: string,
): readonly BasicSelector[] {
  const DataResources = [{ Type: OBJECTS, Values: [all] }];
  const same = selectors.find((selector) => selector.ReadWriteType === ReadWriteType);
  if (same)
    return selectors.map((each) =>
      each === same ? { ...each, DataResources: [...withoutObjects(each), ...DataResources] } : each,
    );
  const none = { IncludeManagementEvents: false, ExcludeManagementEventSources: [] };
  return [...selectors, { ReadWriteType, DataResources, ...none }];
}

/** Needed because CloudTrail takes each type of resource once. All buckets include those that were named. */
const withoutObjects = ({ DataResources }: BasicSelector) => DataResources.filter(({ Type }) => Type !== OBJECTS);
