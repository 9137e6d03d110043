import type { InboxMessage } from '../domain/finding-update.ts';

export type Inbox = {
  /** Returns up to ten messages; waits a second for the first. */
  receive(): Promise<readonly InboxMessage[]>;
  done(messages: readonly InboxMessage[]): Promise<void>;
  /** Returns messages to the queue for a retry, with a delay that doubles at each delivery. */
  retry(messages: readonly InboxMessage[]): Promise<void>;
  /** Returns messages to the queue, visible at once for the invocation that receives next. */
  release(messages: readonly InboxMessage[]): Promise<void>;
};
