export type SwitchLine = {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly approvedBy?: string;
  /** The reason why nobody else had to approve what needs two. */
  readonly alone?: string;
};

/** Null for what an item of an earlier Suture lacks. */
export type StopEntry = {
  readonly at: string | null;
  readonly by: string | null;
  readonly reason: string | null;
  /** Others who stopped while it was stopped. */
  readonly also?: readonly string[];
  /** The address-range updater is stopped too. Otherwise it still adds ranges that AWS publishes. */
  readonly all?: true;
};

export type StopSwitch = {
  read(): Promise<StopEntry | undefined>;
  /**
   * Joins a stop of somebody else, and widens it with `all`. Returns false, without a change, if the same person has
   * stopped Suture as far already.
   */
  set(line: SwitchLine & Pick<StopEntry, 'all'>): Promise<boolean>;
  /** Deletes the stop as it was read. Returns false if it is gone, another one has replaced it, or somebody joined. */
  release(read: StopEntry, line: SwitchLine): Promise<boolean>;
};
