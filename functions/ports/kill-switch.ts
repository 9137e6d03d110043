export type SwitchLine = { readonly at: string; readonly by: string; readonly reason: string };

export type StopSwitch = {
  /** Returns false, without a change, if Suture is already stopped. */
  set(line: SwitchLine): Promise<boolean>;
  /** Deletes the stop of this time. Returns false if it is gone or another one has replaced it. */
  release(stoppedAt: string | null, line: SwitchLine): Promise<boolean>;
};
