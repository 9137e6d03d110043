/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-cloudtrail';
import { MAX_PAST_CALLS } from '../../kernel/call-history.ts';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { eventHistory, type HistoryEvent, shownEvent } from './event-history.ts';
import type { CloudTrailAt, CloudTrailOperations } from './state.ts';

const MEMBERS = ['LookupAttributes', 'StartTime', 'EndTime', 'EventCategory', 'MaxResults', 'NextToken'] as const;
const MAX_RESULTS = 50;

export const lookUpOperations: CloudTrailOperations = {
  LookupEvents: {
    quota: { rate: 2, burst: 2 },
    run: (input, at) => {
      onlyMembers('LookupEvents', input, MEMBERS);
      const { MaxResults = MAX_RESULTS, EventCategory } = input;
      if (MaxResults < 1 || MaxResults > MAX_RESULTS)
        throw new AwsError('InvalidMaxResultsException', `MaxResults must be between 1 and ${MAX_RESULTS}.`);
      checkTimes(input);
      const isWanted = attributeFilter(input.LookupAttributes);
      const before = positionIn(input);
      if (EventCategory !== undefined && EventCategory !== 'insight')
        throw new AwsError('InvalidEventCategoryException', `The event category ${EventCategory} is not valid.`);
      // No trail here can have Insights.
      if (EventCategory === 'insight') return { Events: [] };
      const page = matching(input, at, isWanted, before, MaxResults + 1);
      const shown = page.slice(0, MaxResults);
      return {
        Events: shown.map((event) => shownEvent(at.kernel, event)),
        ...(page.length > MaxResults && { NextToken: tokenAfter(shown.at(-1)!, input) }),
      };
    },
  },
};

type EventFilter = (event: HistoryEvent) => boolean;

function matching(
  { StartTime, EndTime }: sdk.LookupEventsRequest,
  at: CloudTrailAt,
  isWanted: EventFilter,
  before: number,
  count: number,
): HistoryEvent[] {
  const [start, end] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? Number.POSITIVE_INFINITY];
  const { events, forgottenUntil } = eventHistory(at.kernel, at);
  const found: HistoryEvent[] = [];
  for (const event of events) {
    const second = Math.floor(event.call.at / 1000) * 1000;
    if (event.call.number >= before || second > end) continue;
    if (second < start || found.length === count) return found;
    if (isWanted(event)) found.push(event);
  }
  if (found.length < count && forgottenUntil !== undefined && forgottenUntil >= start)
    throw notModelled(
      `events before ${new Date(forgottenUntil).toISOString()}, because it keeps the last ${MAX_PAST_CALLS} calls of all accounts: ask with a later StartTime`,
    );
  return found;
}

function checkTimes({ StartTime, EndTime }: sdk.LookupEventsRequest): void {
  if (StartTime && EndTime && StartTime > EndTime)
    throw new AwsError(
      'InvalidTimeRangeException',
      `The start time ${StartTime.toISOString()} is after the end time ${EndTime.toISOString()}.`,
    );
}

const VALUES: Readonly<Record<sdk.LookupAttributeKey, (event: HistoryEvent) => readonly (string | undefined)[]>> = {
  AccessKeyId: ({ call, recipient }) => [call.place.account === recipient ? call.accessKeyId : undefined],
  EventId: ({ id }) => [id],
  EventName: ({ name }) => [name],
  EventSource: ({ source }) => [source],
  ReadOnly: ({ readOnly }) => [String(readOnly)],
  ResourceName: ({ resources }) => resources.map(({ ResourceName }) => ResourceName),
  ResourceType: ({ resources }) => resources.map(({ ResourceType }) => ResourceType),
  Username: ({ username }) => [username],
};

/** @throws AwsError InvalidLookupAttributesException */
function attributeFilter(attributes: readonly sdk.LookupAttribute[] = []): EventFilter {
  const invalid = (why: string) => new AwsError('InvalidLookupAttributesException', why);
  if (attributes.length > 1) throw invalid('The list of lookup attributes can have one item.');
  const [attribute] = attributes;
  if (!attribute) return () => true;
  const { AttributeKey: key, AttributeValue: value } = attribute;
  if (key === undefined || !Object.hasOwn(VALUES, key)) throw invalid(`The lookup attribute key ${key} is not valid.`);
  if (!value) throw invalid(`The lookup attribute ${key} has no value.`);
  if (key === 'ReadOnly' && value !== 'true' && value !== 'false')
    throw invalid(`The value of the lookup attribute ReadOnly is true or false, not ${value}.`);
  return (event) => VALUES[key](event).includes(value);
}

/** A token has the number of the last event, so that new events do not shift the pages, and a hash of the request. */
const tokenAfter = ({ call }: HistoryEvent, input: sdk.LookupEventsRequest): string =>
  Buffer.from(`${call.number}:${fingerprint(input)}`).toString('base64url');

/** @throws AwsError InvalidNextTokenException for a token of another request */
function positionIn(input: sdk.LookupEventsRequest): number {
  if (input.NextToken === undefined) return Number.POSITIVE_INFINITY;
  const [number, request] = Buffer.from(input.NextToken, 'base64url').toString('utf8').split(':');
  if (/^\d+$/.test(number!) && request === fingerprint(input)) return Number(number);
  throw new AwsError(
    'InvalidNextTokenException',
    'The token is not valid, or belongs to a request with other members.',
  );
}

function fingerprint({ NextToken: _token, MaxResults: _size, ...request }: sdk.LookupEventsRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 16);
}
