/** Findings that policy or their account's state leaves alone after they were triaged. Pure. */
import { type OrganizationAccount, STATUS_LEFT } from './account.ts';
import { aliasReason, exceptionByName } from './alias-exceptions.ts';
import type { Job, JobWork } from './job.ts';
import { exceptionFor, type PolicyInForce } from './policy.ts';

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

/** Returns a sentence without its period, with the policy's line; undefined if policy does not exclude the account. */
export const excludedReason = ({ finding: { account } }: Job, policy: PolicyInForce): string | undefined =>
  account !== undefined && policy.excludedAccounts.includes(account)
    ? `Policy excludes account ${account} now (excludedAccounts: ["${account}"])`
    : undefined;

/**
 * Returns the exception, or the excluded account, by which triage would begin no work on the finding now; undefined
 * without one, for a rollback, and for a job that triage did not end. The mode off is none: with another mode, a replay
 * continues what was stopped.
 */
export const leftAloneReason = (job: Job, policy: PolicyInForce, now: Date): string | undefined =>
  job.work && job.work.mode !== 'rollback'
    ? (excludedReason(job, policy) ?? exceptionReason(job, job.work, policy, now))
    : undefined;

/**
 * Returns a sentence without its period: why triage would begin no work in the account now, whatever policy says.
 * @param stored the account as the directory has it; undefined if the directory does not know it yet
 * @param excluded the accounts that the installation leaves alone
 */
export function inactiveReason(
  account: string,
  stored: Pick<OrganizationAccount, 'status'> | undefined,
  excluded: readonly string[],
): string | undefined {
  if (excluded.includes(account)) return `cdk.json excludes account ${account} now`;
  if (stored?.status === STATUS_LEFT) return `Account ${account} has left the organization`;
  return stored && stored.status !== 'ACTIVE' ? `Account ${account} is ${stored.status} now` : undefined;
}
