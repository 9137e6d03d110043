/** What policy allowed at triage, it must still allow now: hours may lie between, an approval, or a person's stop. Pure. */

import { SutureError } from '../contract/errors.ts';
import type { Job, JobWork, RemediationResult } from '../domain/job.ts';
import { decisionOn, exceptionFor, nextOpening, outsideWindows, type SuturePolicy } from '../domain/policy.ts';

/** Throws Stopped when policy has changed against it; answers a deferral when the change must wait for its window. */
export function recheckPolicy(
  job: Job,
  work: JobWork,
  policy: SuturePolicy,
  now: Date,
): (RemediationResult & { kind: 'deferred' }) | undefined {
  const { finding } = job;
  const control = finding.control!;
  const member = { account: finding.account!, ouPath: finding.ouPath };
  if (policy.excludedAccounts.includes(member.account)) throw stopped(`Policy excludes account ${member.account} now.`);
  // A person undoes a change: what policy says of making it does not matter.
  if (work.mode === 'rollback') return undefined;

  const facts = { ...finding, resource: finding.resource?.Id, tags: finding.resource?.Tags };
  const exception = exceptionFor([...policy.suppressions, ...policy.exemptions], facts, now.toISOString().slice(0, 10));
  if (exception) throw stopped(`Policy leaves this finding alone now, by ${exception.id}: ${exception.reason}.`);

  const { mode, tags, because } = decisionOn(policy, control, work.risk, member);
  const allowed = new Set([mode, ...Object.values(tags)]);
  const approved = job.approval?.approved === true;
  const enough =
    work.mode === 'plan'
      ? allowed.size > 1 || mode !== 'off'
      : allowed.has('auto') || (approved && allowed.has('approve'));
  if (!enough) throw stopped(`Now ${because}; when the finding was triaged, policy allowed ${work.mode}.`);
  if (work.mode === 'plan') return undefined;
  const shut = outsideWindows(policy, control, work.risk, member, now);
  if (!shut) return undefined;
  return { kind: 'deferred', because: shut, until: nextOpening(policy, control, work.risk, member, now).toISOString() };
}

/** The work by what policy says now, for the live tags are not known before the remediation reads them. Its parameters stay. */
export function byPolicyNow({ finding }: Job, work: JobWork, policy: SuturePolicy): JobWork {
  const { mode, tags } = decisionOn(policy, finding.control!, work.risk, {
    account: finding.account!,
    ouPath: finding.ouPath,
  });
  return { ...work, policy: { mode, tags } };
}

/** The case with the account's units as they are now. Throws Stopped for an account that is no active member any more. */
export function stillMember(job: Job, account: { readonly status: string; readonly ouPath: string } | undefined): Job {
  const name = `Account ${job.finding.account}`;
  if (!account) throw stopped(`${name} has left the organization.`, WHEN_ACTIVE);
  if (account.status !== 'ACTIVE') throw stopped(`${name} is ${account.status} now.`, WHEN_ACTIVE);
  return { ...job, finding: { ...job.finding, ouPath: account.ouPath } };
}

const WHEN_ACTIVE = 'Redrive the execution when it is an active member again, or leave it.';

const stopped = (what: string, advice = 'Change the policy and redrive the execution, or leave it.') =>
  new SutureError('Stopped', `${what} Nothing was written. ${advice}`);
