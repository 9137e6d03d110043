import type { Job } from '../domain/job.ts';
import type { ExecutionFailure } from '../domain/ledger.ts';

/** The ledger: the status of every finding that reached triage, and the end of each of its executions. */
export type Ledger = {
  /**
   * Records how a remediation ended, and for how long other executions are duplicates. Idempotent: false where the ledger
   * had this end already.
   */
  close(job: Job): Promise<boolean>;
  /** Records executions that ended without a remediation. */
  record(jobs: readonly Job[]): Promise<void>;
  /** Records that the finding waits for a person or for a maintenance window. */
  wait(job: Job): Promise<void>;
  /**
   * Records that an execution failed. False where the ledger had this failure already. `isUnproven`: it failed before
   * triage established that the finding is genuine, so it replaces nothing that the ledger knows of the finding.
   */
  fail(job: Job, failure: ExecutionFailure, isUnproven: boolean): Promise<boolean>;
};
