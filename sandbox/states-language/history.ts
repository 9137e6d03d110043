/** The history of an execution, as GetExecutionHistory returns it. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StateError } from './errors.ts';
import type { Execution } from './execution.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: a hard limit; the last event is the failure. */
export const LONGEST_HISTORY = 25_000;

export type EventDetails = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'>;

/**
 * Adds an event and returns its id. `previous` is the id of the thread's event before it.
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
