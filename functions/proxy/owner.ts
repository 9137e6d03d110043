/** The owner of a job's resource, by the live tags and the policy of the attempt. Pure. */
import type { Job } from '../domain/job.ts';
import { type OwnerPolicy, ownerOf } from '../domain/owners.ts';

/** Returns the job with its owner. Without live tags, the owner that triage or an earlier attempt found stays. */
export function withOwner(job: Job, policy: OwnerPolicy): Job {
  const { result, finding, securityContact } = job;
  const tags = result && 'ownerTags' in result ? result.ownerTags : undefined;
  if (!tags) return job;
  return { ...job, owner: ownerOf(policy, { ...finding, tags, securityContact }) };
}
