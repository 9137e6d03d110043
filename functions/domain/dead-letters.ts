/** The dead-letter queues of an installation, and how their messages are redriven. */

import { type InstallationId, namesOf } from './names.ts';
import { placeOfQueue } from './place-queue.ts';

export type RedriveMethod =
  | { readonly kind: 'move'; readonly to: string }
  /** Messages are sent again. Unlike after a move, SQS then attests who sent them. */
  | { readonly kind: 'send'; readonly to: string }
  /** Messages are events of findings; each starts an execution. */
  | { readonly kind: 'start' }
  /** Messages are events on which a function failed; each invokes it again. */
  | { readonly kind: 'invoke'; readonly functionName: string }
  /** Messages are events that a place of messages did not take; those of findings that still hold are sent to it again. */
  | { readonly kind: 'resend'; readonly place: string };

export type DeadLetterFacts = { readonly holds: string; readonly method: RedriveMethod };

/** Has events for which EventBridge could not start an execution, or found one of the same name. */
export const findingEventsQueue = (installation: InstallationId): string =>
  namesOf(installation).own('finding-events-dlq');

export type DeadLetterQueues = Readonly<Record<string, DeadLetterFacts>>;

/** Returns the queues by their names. A test compares them with the stacks' queues. */
export function deadLetterQueues(installation: InstallationId): DeadLetterQueues {
  const { own, function: functionName } = namesOf(installation);
  return {
    [findingEventsQueue(installation)]: {
      holds: 'events of findings that could not be delivered to the workflow',
      method: { kind: 'start' },
    },
    [own('finding-updates-dlq')]: {
      holds: 'updates of findings, records and approvals that failed fourteen times',
      method: { kind: 'send', to: own('finding-updates') },
    },
    [own('failures-dlq')]: {
      holds: 'failed executions that could not be recorded',
      method: { kind: 'move', to: own('failures') },
    },
    [own('sessions-dlq')]: {
      holds: 'sessions of the member role that could not be checked against executions',
      method: { kind: 'move', to: own('sessions') },
    },
    [own('notify-dlq')]: {
      holds: 'events that could not be announced to people',
      method: { kind: 'invoke', functionName: functionName('notify') },
    },
    [own('ip-ranges-failed')]: {
      holds: 'changes of published ranges that could not be applied',
      method: { kind: 'invoke', functionName: functionName('ip-ranges') },
    },
  };
}

/** Returns the facts of a queue; undefined if it is none of these, nor one of a place of messages. */
export function deadLetterFacts(installation: InstallationId, queue: string): DeadLetterFacts | undefined {
  const queues = deadLetterQueues(installation);
  if (Object.hasOwn(queues, queue)) return queues[queue];
  const place = placeOfQueue(installation, queue);
  return place === undefined
    ? undefined
    : { holds: `messages that ${place} refused, or did not take for a day`, method: { kind: 'resend', place } };
}

/**
 * Returns why messages of a dead-letter queue cannot be redriven; undefined for every other name. The queue has no facts
 * above: its messages name a gap of the audit chain, and nothing could take them again.
 */
export const notRedriven = (installation: InstallationId, queue: string): string | undefined =>
  queue === namesOf(installation).own('audit-trail-dlq')
    ? `${queue} is not redriven: its messages are the record of a gap in the audit chain. Save them, and empty the queue: docs/runbook.md#audit-trail-dlq`
    : undefined;
