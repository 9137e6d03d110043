export type WithheldAnnouncements = { readonly kind: string; readonly count: number };

/** Turns a flood of the same announcement into one message and a count. */
export type AnnouncementLog = {
  /** True for the first announcement of this kind within `quietMs`; the others are counted as withheld. */
  isFirst(kind: string, quietMs: number): Promise<boolean>;
  withheld(): Promise<WithheldAnnouncements[]>;
  subtract(withheld: WithheldAnnouncements): Promise<void>;
};
