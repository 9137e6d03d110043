/** The owner of a job's resource, by the live tags and the policy of the attempt. Pure. */
import type { Job } from '../domain/job.ts';
import { type OwnerPolicy, ownerOf } from '../domain/owners.ts';
import type { ResourceOwner } from '../domain/resource-owner.ts';

/**
 * Returns the job with its owner, by the live tags if the result has them. A compliant resource has no plan, and so no
 * live tags: then the owner is `known`, from the finding's last execution, because that owner was told and has the
 * ticket that this closes. In all other cases the owner that triage or an earlier attempt found stays.
 */
export function withOwner(job: Job, policy: OwnerPolicy, known: ResourceOwner | undefined): Job {
  const { result, finding, securityContact } = job;
  const tags = result && 'ownerTags' in result ? result.ownerTags : undefined;
  if (tags) return { ...job, owner: ownerOf(policy, { ...finding, tags, securityContact }) };
  return known && result?.kind === 'compliant' ? { ...job, owner: known } : job;
}
