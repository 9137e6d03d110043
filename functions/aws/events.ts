import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SutureError } from '../contract/errors.ts';
import { SOURCE } from '../domain/events.ts';
import type { MessageEvent } from '../domain/owner-message.ts';
import type { Publish } from '../ports/events.ts';

/** Entries of one PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const BATCH = 10;

/** If a call fails, the caller's retry delivers again the events that EventBridge took before. */
export const publisher =
  (bus: string, client = eventBridge()): Publish =>
  (events) =>
    sendEvents(
      client,
      bus,
      events.map(({ name, detail }) => ({ name, detail, resources: [detail.finding.id] })),
    );

/** Publishes messages for owners and tests of places, which are about no single finding. */
export const messagePublisher =
  (bus: string, client = eventBridge()) =>
  ({ name, detail }: MessageEvent): Promise<void> =>
    sendEvents(client, bus, [{ name, detail, resources: [] }]);

type Outgoing = { readonly name: string; readonly detail: object; readonly resources: string[] };

/**
 * Sends events in batches.
 * @throws SutureError ServiceUnavailable if EventBridge refused one
 */
export async function sendEvents(client: EventBridgeClient, bus: string, events: readonly Outgoing[]): Promise<void> {
  for (let first = 0; first < events.length; first += BATCH) {
    const Entries = events.slice(first, first + BATCH).map(({ name, detail, resources }) => ({
      EventBusName: bus,
      Source: SOURCE,
      DetailType: name,
      Detail: JSON.stringify(detail),
      Resources: resources,
    }));
    const { FailedEntryCount, Entries: results } = await client.send(new PutEventsCommand({ Entries }));
    const refused = results?.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (FailedEntryCount)
      throw new SutureError(
        'ServiceUnavailable',
        `EventBridge refused ${FailedEntryCount} of ${Entries.length} events: ${refused?.ErrorCode}: ${refused?.ErrorMessage}. They will be sent again.`,
      );
  }
}

/** Kept for the function instance, because a new client opens new connections. */
let client: EventBridgeClient | undefined;
function eventBridge(): EventBridgeClient {
  client ??= new EventBridgeClient({ maxAttempts: 3 });
  return client;
}
