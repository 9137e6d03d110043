import type { Job } from '../domain/job.ts';

/** The circuit breakers of the remediations. */
export type Circuits = {
  /** Records a failure under its key (see `failureKey`), idempotently. Returns how many failures count now. */
  fail(remediation: string, failureKey: string, job: Job, error: string): Promise<number>;
  /**
   * Opens a closed circuit until `until` (milliseconds since 1970), or again the one whose trial is this execution's. False
   * where neither applies.
   */
  open(remediation: string, execution: string, failures: number, until: number): Promise<boolean>;
  /** Closes the circuit after a successful trial. */
  close(remediation: string, execution: string): Promise<boolean>;
  /** Frees the trial for another execution, after one that proved nothing. */
  releaseTrial(remediation: string, execution: string): Promise<boolean>;
};
