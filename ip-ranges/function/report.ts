/** What became of a run: figures for alarms, a line for auditors, an event for subscribers. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { logger, metrics } from '../../functions/aws/observe.ts';
import { IP_RANGES_EVENT, IP_RANGES_METRICS } from '../contract/targets.ts';
import type { Document } from '../planning/document.ts';
import { added, answerOf, figuresOf, type Ran, removed } from './run.ts';

/** What the event says of one target. */
export type Change = {
  readonly target: string;
  readonly services: readonly string[];
  readonly syncToken: string;
  readonly added: number;
  readonly removed: number;
  readonly groups: number;
};
export type Publish = (changes: readonly Change[]) => Promise<void>;

/** Entries of a PutEvents. */
const BATCH = 10;

export const eventsTo =
  (client: EventBridgeClient): Publish =>
  async (changes) => {
    for (let first = 0; first < changes.length; first += BATCH) {
      const Entries = changes.slice(first, first + BATCH).map((change) => ({
        Source: IP_RANGES_EVENT.source,
        DetailType: IP_RANGES_EVENT.detailType,
        Detail: JSON.stringify(change),
        Resources: [change.target],
      }));
      const { FailedEntryCount, Entries: results } = await client.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount)
        logger.error('events were not taken', { codes: results?.flatMap(({ ErrorCode }) => ErrorCode ?? []) });
    }
  };

export async function report(ran: readonly Ran[], document: Document, publish: Publish, now: number): Promise<void> {
  for (const [name, value] of Object.entries(figuresOf(ran, document, now)))
    metrics.addMetric(name, name === IP_RANGES_METRICS.age ? 'Seconds' : 'Count', value);
  logger.info('ip ranges', {
    syncToken: document.syncToken,
    createDate: document.createDate,
    targets: ran.map((one) => answerOf(one, document)),
  });
  const changes = ran
    .filter(({ outcome }) => outcome?.kind === 'changed')
    .map((one) => ({
      target: one.target.key,
      services: one.target.services,
      syncToken: document.syncToken,
      added: added(one),
      removed: removed(one),
      groups: one.outcome && 'figures' in one.outcome ? one.outcome.figures.groups : 0,
    }));
  try {
    if (changes.length > 0) await publish(changes);
  } catch (error) {
    // The groups are as they should be; a run that fails for its event would be run again for nothing.
    logger.error('the event was not published', { error: error as Error });
  }
}
