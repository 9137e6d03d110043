export type WithheldAnnouncements = { readonly kind: string; readonly count: number };

/** Turns a flood of the same announcement into one message and a count. */
export type AnnouncementLog = {
  /**
   * True for the first announcement of this kind within `quietMs`; the others are counted as withheld. It stays true for
   * the same event, because its earlier attempt may have failed to send.
   */
  isFirst(kind: string, quietMs: number, eventId: string): Promise<boolean>;
  withheld(): Promise<WithheldAnnouncements[]>;
  subtract(withheld: WithheldAnnouncements): Promise<void>;
};
