import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StateError } from './errors.ts';
import type { Execution } from './execution.ts';

/**
 * A hard limit; the last event is the failure. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const LONGEST_HISTORY = 25_000;

export type EventDetails = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'>;

/**
 * Adds an event and returns its id.
 * @param previous the id of the thread's previous event
 * @throws StateError States.Runtime if only the event that ends the execution has room
 */
export function recordEvent(
  execution: Execution,
  now: number,
  previous: number,
  type: HistoryEvent['type'],
  details: EventDetails = {},
): number {
  const last = execution.history.length + 1;
  if (last >= LONGEST_HISTORY && !type!.startsWith('Execution')) {
    throw new StateError(
      'States.Runtime',
      `The execution reached the maximum number of history events (${LONGEST_HISTORY}).`,
    );
  }
  execution.history.push({ timestamp: new Date(now), type, id: last, previousEventId: previous, ...details });
  return last;
}

export const NOT_TRUNCATED = { truncated: false } as const;
