import type { Job, JobWork, RemediationResult } from '../domain/job.ts';

/**
 * Invokes without a retry. `approvedUntil`: the end of the job's approval.
 * @throws the error that the function threw, under its name
 */
export type InvokeRemediation = (
  job: Job,
  work: JobWork,
  approvedUntil: Date | undefined,
) => Promise<RemediationResult>;
