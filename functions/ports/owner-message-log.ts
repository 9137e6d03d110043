import type { OwnerMessageKind } from '../domain/owner-message.ts';
import type { OwnerPlace } from '../domain/resource-owner.ts';

/** One place of owners, and one kind of message. */
export type MessageSeries = { readonly place: OwnerPlace; readonly kind: OwnerMessageKind };

/** The last message of a series. */
export type SentOwnerMessage = {
  /** In UTC, such as `2026-11-30`. */
  readonly day: string;
  /** The message covers findings that changed until then. */
  readonly until: string;
};

/** Ensures one message a day for each series, even if a function instance dies meanwhile. */
export type OwnerMessageLog = {
  /** Returns the last messages by `seriesKey`. */
  sent(): Promise<ReadonlyMap<string, SentOwnerMessage>>;
  /**
   * Claims today's message for this instance. Returns false if the series has one, or another instance is about to send
   * it. A claim that nobody finished may be taken again after a while.
   */
  claim(series: MessageSeries, day: string): Promise<boolean>;
  finish(series: MessageSeries, sent: SentOwnerMessage): Promise<void>;
  /** Returns the time until which no changed finding needs a message any more. */
  watermark(): Promise<string | undefined>;
  moveWatermark(to: string): Promise<void>;
};
