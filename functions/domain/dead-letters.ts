/** The dead-letter queues of an installation, and how their messages are redriven. */

export type RedriveMethod =
  | { readonly kind: 'move'; readonly to: string }
  /** Messages are sent again. Unlike after a move, SQS then attests who sent them. */
  | { readonly kind: 'send'; readonly to: string }
  /** Messages are events of findings; each starts an execution. */
  | { readonly kind: 'start' }
  /** Messages are events on which a function failed; each invokes it again. */
  | { readonly kind: 'invoke'; readonly functionName: string };

export type DeadLetterFacts = { readonly holds: string; readonly method: RedriveMethod };

/** By queue name. A test compares it with the stacks' queues. */
export const DEAD_LETTER_QUEUES: Readonly<Record<string, DeadLetterFacts>> = {
  'suture-finding-events-dlq': {
    holds: 'events of findings that could not be delivered to the workflow',
    method: { kind: 'start' },
  },
  'suture-finding-updates-dlq': {
    holds: 'updates of findings, records and approvals that failed fourteen times',
    method: { kind: 'send', to: 'suture-finding-updates' },
  },
  'suture-failures-dlq': {
    holds: 'failed executions that could not be recorded',
    method: { kind: 'move', to: 'suture-failures' },
  },
  'suture-sessions-dlq': {
    holds: 'sessions of the member role that could not be checked against executions',
    method: { kind: 'move', to: 'suture-sessions' },
  },
  'suture-notify-dlq': {
    holds: 'events that could not be announced to people',
    method: { kind: 'invoke', functionName: 'suture-notify' },
  },
  'suture-ip-ranges-failed': {
    holds: 'changes of published ranges that could not be applied',
    method: { kind: 'invoke', functionName: 'suture-ip-ranges' },
  },
};
