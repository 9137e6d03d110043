import type { Job } from '../domain/job.ts';
import type { ExecutionFailure } from '../domain/ledger.ts';

/** The ledger: the status of every finding that reached triage, and the end of each of its executions. */
export type Ledger = {
  /**
   * Records how a remediation ended, and for how long other executions are duplicates. Idempotent: returns false if the
   * ledger already had this end.
   */
  close(job: Job): Promise<boolean>;
  /**
   * Records ends without a remediation. Returns the jobs that it did not record, because the ledger has another end of
   * the execution.
   */
  record(jobs: readonly Job[]): Promise<readonly Job[]>;
  /**
   * Records that the owner is told, and returns when that was first, since the finding was last closed. Returns undefined
   * if a newer execution has the finding.
   */
  tell(job: Job, now: number): Promise<{ readonly toldAt: string; readonly isFirst: boolean } | undefined>;
  /** `since`: later changes of the same execution stay, because the message about it may come late. */
  wait(job: Job, since?: string): Promise<void>;
  /**
   * Returns false if the ledger already had this failure. `isUnproven`: it failed before triage established that the
   * finding is genuine, so it replaces nothing that the ledger knows of the finding.
   */
  fail(job: Job, failure: ExecutionFailure, isUnproven: boolean): Promise<boolean>;
};
