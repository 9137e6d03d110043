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
  /** Address ranges too, of which a stop otherwise lets in what AWS publishes. */
  readonly all?: true;
};

export type StopSwitch = {
  read(): Promise<StopEntry | undefined>;
  /** `all` widens a stop, and leaves who stopped. Returns false, without a change, if Suture is stopped as far already. */
  set(line: SwitchLine & Pick<StopEntry, 'all'>): Promise<boolean>;
  /** Deletes the stop of this time. Returns false if it is gone or another one has replaced it. */
  release(stoppedAt: string | null, line: SwitchLine): Promise<boolean>;
};
