export type Arrivals = {
  readonly findings: number;
  /** How many different notes the findings get. */
  readonly notes: number;
  /** Findings a second. */
  readonly rate: number;
  /** The share of findings that a second event brings at the same time. */
  readonly duplicates: number;
  /** The share of a call's findings that Security Hub returns with ConcurrentUpdateError. */
  readonly unprocessed: number;
  /** The share of BatchUpdateFindings' quota that other callers leave. */
  readonly share: number;
  /** The share of messages that are Report's updates of remediated findings. */
  readonly reports: number;
  readonly seed: number;
};

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
