/** Prevents two simultaneous runs of a function from doing the same work. */
export type RunLease = {
  /** Returns false if another run holds the lease. */
  take(run: string, until: number): Promise<boolean>;
  release(run: string): Promise<void>;
};
