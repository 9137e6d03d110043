import type { Job, JobWork, RemediationResult } from '../domain/job.ts';

/**
 * Invokes without a retry.
 * @throws the error that the function threw, under its name
 */
export type InvokeRemediation = (job: Job, work: JobWork) => Promise<RemediationResult>;
