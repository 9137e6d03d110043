import type { Job, JobWork, RemediationResult } from '../domain/job.ts';

export type InvocationFacts = {
  /** The end of the job's approval. */
  readonly approvedUntil: Date | undefined;
  /** Keys of the live tags that the result shall name. */
  readonly ownerKeys: readonly string[];
  /** Suture has fixed the finding before. */
  readonly recurs?: boolean | undefined;
};

/**
 * Invokes without a retry.
 * @throws the error that the function threw, under its name
 */
export type InvokeRemediation = (job: Job, work: JobWork, facts: InvocationFacts) => Promise<RemediationResult>;
