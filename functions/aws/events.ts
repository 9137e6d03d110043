/** Puts events onto Suture's own bus. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SutureError } from '../contract/errors.ts';
import { SOURCE, type SutureEvent } from '../domain/events.ts';

/** Entries of a PutEvents. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const BATCH = 10;

export type Publish = (events: readonly SutureEvent[]) => Promise<void>;

/** Publishes all of them, or throws; those that were taken by then are delivered again when the caller tries again. */
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
          `EventBridge refused ${FailedEntryCount} of ${Entries.length} events: ${refused?.ErrorCode}: ${refused?.ErrorMessage}. They are sent again.`,
        );
    }
  };

/** One for the instance: each new one opens connections of its own. */
let kept: EventBridgeClient | undefined;
function eventBridge(): EventBridgeClient {
  kept ??= new EventBridgeClient({ maxAttempts: 3 });
  return kept;
}
