/** How many announcements of a kind were withheld since the last message. */
export type WithheldNews = { readonly kind: string; readonly count: number };

/** Recent announcements, so that a flood of the same news becomes one message and a count. */
export type AnnouncementLog = {
  /** True for the first announcement of this kind in `quietMs`; any other is counted as withheld. */
  isFirst(kind: string, quietMs: number): Promise<boolean>;
  withheld(): Promise<WithheldNews[]>;
  /** Subtracts announcements that a digest has counted. */
  subtract(withheld: WithheldNews): Promise<void>;
};
