import type { OwnerMessageKind } from '../domain/owner-message.ts';
import type { OwnerPlace } from '../domain/resource-owner.ts';

/** One place of owners, and one kind of message. */
export type MessageSeries = { readonly place: OwnerPlace; readonly kind: OwnerMessageKind };

/** The last message of a series. */
export type SentOwnerMessage = {
  /** In UTC, such as `2026-11-30`. */
  readonly day: string;
  /** Findings that changed until then are told. */
  readonly until: string;
};

/** Keeps that each series has one message a day, whichever function instance dies meanwhile. */
export type OwnerMessageLog = {
  /** By `seriesKey`. */
  sent(): Promise<ReadonlyMap<string, SentOwnerMessage>>;
  /**
   * Takes the message of today for this instance; false if the series has one, or another instance is about to send it.
   * A claim that nobody finished may be taken again after a while.
   */
  claim(series: MessageSeries, day: string): Promise<boolean>;
  finish(series: MessageSeries, sent: SentOwnerMessage): Promise<void>;
  /** Findings that changed until then have been told to everybody, or need no message. */
  watermark(): Promise<string | undefined>;
  moveWatermark(to: string): Promise<void>;
};
