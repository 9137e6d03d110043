import type { PutEventsRequest, PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { authorizeEventKey } from './encryption.ts';
import { eventTime } from './event.ts';
import { publishEvent } from './publish.ts';
import { busNameOf, type EventBridgeAt, eventBridgeArn } from './state.ts';

const MAX_ENTRIES = 10;
/** Since January 2026, for all entries of a call. */
const MAX_BYTES = 1_048_576;

/** Returns one need for each entry, because policies can have conditions on source and detail type. */
export function putEventsNeeds(input: PutEventsRequest, at: EventBridgeAt): Need[] {
  return (input.Entries ?? []).map((entry) => {
    const policy = at.state.buses.get(busNameOf(entry.EventBusName))?.policy;
    return {
      action: 'events:PutEvents',
      resource: eventBridgeArn(at, `event-bus/${busNameOf(entry.EventBusName)}`),
      context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
      ...(policy && { resourcePolicy: parseIamPolicy(policy, 'resource') }),
    };
  });
}

/** Publishes each entry on its own: an invalid entry has the error in its result, and the others are published. */
export function putEvents(input: PutEventsRequest, at: EventBridgeAt) {
  const entries = input.Entries ?? [];
  if (entries.length === 0 || entries.length > MAX_ENTRIES)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ENTRIES} and greater than or equal to 1`,
    );
  if (entries.reduce((sum, entry) => sum + entrySize(entry), 0) > MAX_BYTES)
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  const Entries = entries.map((entry) => putEvent(entry, at));
  return { FailedEntryCount: Entries.filter((entry) => entry.ErrorCode).length, Entries };
}

function putEvent(entry: PutEventsRequestEntry, at: EventBridgeAt): PutEventsResultEntry {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => !entry[name]);
  if (missing)
    return failedEntry(
      'InvalidArgument',
      `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    );
  if (entry.Source!.startsWith('aws.'))
    return failedEntry('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseObject(entry.Detail!);
  if (!detail) return failedEntry('MalformedDetail', 'Detail is malformed.');
  const bus = at.state.buses.get(busNameOf(entry.EventBusName));
  if (bus)
    try {
      authorizeEventKey(at.kernel, at, bus);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return failedEntry(error.code, error.message);
    }
  const id = at.kernel.uuid();
  publishEvent(at.kernel, at, busNameOf(entry.EventBusName), {
    version: '0',
    id,
    'detail-type': entry.DetailType!,
    source: entry.Source!,
    account: at.account,
    time: eventTime(entry.Time?.getTime() ?? at.kernel.clock.now()),
    region: at.region,
    resources: entry.Resources ?? [],
    detail,
  });
  return { EventId: id };
}

const failedEntry = (ErrorCode: string, ErrorMessage: string): PutEventsResultEntry => ({ ErrorCode, ErrorMessage });

/** Returns the size in bytes. Source: "Calculating PutEvents event entry size", EventBridge user guide. */
const entrySize = (entry: PutEventsRequestEntry): number =>
  [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    entry.Time ? 14 : 0,
  );

function parseObject(text: string): object | undefined {
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
