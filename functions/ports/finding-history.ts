import type { Job } from '../domain/job.ts';

/** The newest event of a finding that reached triage (ISO 8601), and the execution that handled it. */
export type LastArrival = { readonly receivedAt: string; readonly execution: string };

/** The ledger, as triage reads it. */
export type FindingHistory = {
  lastArrival(findingId: string): Promise<LastArrival | undefined>;
  /** The job with which this execution of the finding ended. */
  endedJob(line: {
    readonly finding: string;
    readonly execution: string;
    readonly started: string;
  }): Promise<Job | undefined>;
};
