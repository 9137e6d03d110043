/** Findings that policy leaves alone after they were triaged: an exception, or the mode off. Pure. */
import { aliasReason, exceptionByName } from './alias-exceptions.ts';
import type { Job, JobWork } from './job.ts';
import { decisionOn, exceptionFor, memberOf, type PolicyInForce } from './policy.ts';

/** Returns a sentence without its period, with the exception that holds for the finding now; undefined if none does. */
export function exceptionReason({ finding }: Job, work: JobWork, policy: PolicyInForce, now: Date): string | undefined {
  const facts = { ...finding, resource: finding.resource?.Id, tags: finding.resource?.Tags };
  const exceptions = [...policy.suppressions, ...policy.exemptions];
  const today = now.toISOString().slice(0, 10);
  const byName = work.arnStem && exceptionByName(exceptions, facts, work.arnStem, today);
  if (byName) return `Now ${aliasReason(byName, facts.resource)}`;
  const exception = exceptionFor(exceptions, facts, today);
  return exception && `Policy leaves this finding alone now, by ${exception.id}: ${exception.reason}`;
}

/**
 * Returns why triage would begin no work on the finding now; undefined if it would, for a rollback, and for a job that
 * triage did not end.
 */
export function leftAloneReason(job: Job, policy: PolicyInForce, now: Date): string | undefined {
  const { work, finding } = job;
  if (!work || work.mode === 'rollback') return undefined;
  const exception = exceptionReason(job, work, policy, now);
  if (exception !== undefined) return exception;
  const { mode, tags, because } = decisionOn(policy, finding.control!, work.risk, memberOf(finding));
  return mode === 'off' && Object.keys(tags).length === 0 ? `Now ${because}` : undefined;
}
