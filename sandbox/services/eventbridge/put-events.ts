import type { PutEventsRequest, PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { parsePolicy } from '../../authorization/policy.ts';
import { type At, AwsError, type Need } from '../../kernel/kernel.ts';
import { publish } from './bus.ts';
import { encryptEvent } from './encryption.ts';
import { eventTime } from './event.ts';
import { arnOf, busNameOf, type EventBridgeState } from './state.ts';

const maxEntries = 10;
/** Bytes of all entries of a call together, 1 MB since January 2026. */
const maxBytes = 1_048_576;

/** One need per entry: a policy may tell sources and detail types apart. */
export function putEventsNeeds(input: PutEventsRequest, at: At<EventBridgeState>): Need[] {
  return (input.Entries ?? []).map((entry) => {
    const policy = at.state.buses.get(busNameOf(entry.EventBusName))?.policy;
    return {
      action: 'events:PutEvents',
      resource: arnOf(at, `event-bus/${busNameOf(entry.EventBusName)}`),
      context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
      ...(policy && { resourcePolicy: parsePolicy(policy, 'resource') }),
    };
  });
}

/** Takes each entry by itself: what is wrong with one is said in its result and does not stop the others. */
export function putEvents(input: PutEventsRequest, at: At<EventBridgeState>) {
  const entries = input.Entries ?? [];
  if (entries.length === 0 || entries.length > maxEntries)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${maxEntries} and greater than or equal to 1`,
    );
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > maxBytes)
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  const Entries = entries.map((entry) => putEvent(entry, at));
  return { FailedEntryCount: Entries.filter((entry) => entry.ErrorCode).length, Entries };
}

function putEvent(entry: PutEventsRequestEntry, at: At<EventBridgeState>): PutEventsResultEntry {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => !entry[name]);
  if (missing)
    return refused('InvalidArgument', `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`);
  if (entry.Source!.startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = objectIn(entry.Detail!);
  if (!detail) return refused('MalformedDetail', 'Detail is malformed.');
  const bus = at.state.buses.get(busNameOf(entry.EventBusName));
  if (bus)
    try {
      encryptEvent(at.kernel, at, bus);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return refused(error.code, error.message);
    }
  const id = at.kernel.uuid();
  publish(at.kernel, at, busNameOf(entry.EventBusName), {
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

const refused = (ErrorCode: string, ErrorMessage: string): PutEventsResultEntry => ({ ErrorCode, ErrorMessage });

/** Source: "Calculating PutEvents event entry size", EventBridge user guide. */
const sizeOf = (entry: PutEventsRequestEntry): number =>
  [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    entry.Time ? 14 : 0,
  );

function objectIn(text: string): object | undefined {
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
