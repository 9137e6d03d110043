import type { Job, JobWork, RemediationResult } from '../domain/job.ts';

/**
 * Invokes the function of the work's remediation, without a retry.
 * @throws the error that the function threw, under its name
 */
export type InvokeRemediation = (job: Job, work: JobWork) => Promise<RemediationResult>;
