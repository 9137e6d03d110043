import type { FailureCounts } from '../domain/circuit.ts';
import type { Job } from '../domain/job.ts';

/** Circuits have names (see `circuitName`). */
export type Circuits = {
  /** Records a failure under its key (see `failureKey`), idempotently. Returns the failures that count now. */
  fail(remediation: string, failureKey: string, job: Job, error: string): Promise<FailureCounts>;
  /** Opens a closed circuit, or reopens it if its trial is this execution's. Returns false otherwise. */
  open(circuit: string, execution: string, failures: number, until: number): Promise<boolean>;
  /** Closes the circuit after a successful trial. */
  close(circuit: string, execution: string): Promise<boolean>;
  /** Frees the trial for another execution, after one that proved nothing. */
  releaseTrial(circuit: string, execution: string): Promise<boolean>;
};
