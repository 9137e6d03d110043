import type { InboxMessage } from '../domain/finding-update.ts';

/** The finding-update queue, as the function that drains it sees it. */
export type Inbox = {
  /** Up to ten messages; waits a second for the first of them. */
  receive(): Promise<readonly InboxMessage[]>;
  /** Deletes messages that are handled for good. */
  done(messages: readonly InboxMessage[]): Promise<void>;
  /** Returns messages to the queue for a retry, with a delay that doubles with each delivery. */
  retry(messages: readonly InboxMessage[]): Promise<void>;
  /** Returns messages to the queue, visible at once for whichever invocation receives next. */
  handBack(messages: readonly InboxMessage[]): Promise<void>;
};
