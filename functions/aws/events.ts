/** Publishes events on Suture's own bus. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SutureError } from '../contract/errors.ts';
import { SOURCE } from '../domain/events.ts';
import type { Publish } from '../ports/events.ts';

/** Entries of one PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const BATCH = 10;

/** After an error, a retry by the caller delivers the events that EventBridge has taken by then again. */
export const publisher =
  (bus: string, client = eventBridge()): Publish =>
  async (events) => {
    for (let first = 0; first < events.length; first += BATCH) {
      const Entries = events.slice(first, first + BATCH).map(({ name, detail }) => ({
        EventBusName: bus,
        Source: SOURCE,
        DetailType: name,
        Detail: JSON.stringify(detail),
        Resources: [detail.finding.id],
      }));
      const { FailedEntryCount, Entries: results } = await client.send(new PutEventsCommand({ Entries }));
      const refused = results?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (FailedEntryCount)
        throw new SutureError(
          'ServiceUnavailable',
          `EventBridge refused ${FailedEntryCount} of ${Entries.length} events: ${refused?.ErrorCode}: ${refused?.ErrorMessage}. They will be sent again.`,
        );
    }
  };

/** The client of this function instance: a new one opens new connections. */
let client: EventBridgeClient | undefined;
function eventBridge(): EventBridgeClient {
  client ??= new EventBridgeClient({ maxAttempts: 3 });
  return client;
}
