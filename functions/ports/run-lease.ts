/** A lease that lets one run of a function at a time do what must not be done twice at once. */
export type RunLease = {
  /** Takes the lease for this run until then (milliseconds since 1970). False where another run holds it. */
  take(run: string, until: number): Promise<boolean>;
  /** Releases the lease if this run still holds it. */
  release(run: string): Promise<void>;
};
