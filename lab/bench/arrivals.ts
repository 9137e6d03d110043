/** Findings that arrive at the archive lane, and the quotas and failures that they meet. */
export type Arrivals = {
  readonly findings: number;
  /** Number of different notes, all equally frequent. */
  readonly notes: number;
  /** Findings a second. */
  readonly rate: number;
  /** Share of the findings that a second event brings at the same time. */
  readonly duplicates: number;
  /** Share of a call's findings that Security Hub returns with ConcurrentUpdateError. */
  readonly unprocessed: number;
  /** Share of BatchUpdateFindings' quota that other callers leave. */
  readonly share: number;
  /** Share of the messages that are Report's updates of remediated findings. */
  readonly reports: number;
  readonly seed: number;
};

/** The arrivals that the benchmark measures with. */
export const ARRIVALS: Arrivals = {
  findings: 10_000,
  notes: 1,
  rate: 300,
  duplicates: 0.02,
  unprocessed: 0.01,
  share: 1,
  reports: 0,
  seed: 1,
};
