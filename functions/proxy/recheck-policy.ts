/**
 * Checks whether the policy still allows what it allowed at triage: hours may have passed since, or a person may have
 * approved. Pure.
 */
import { commandToReplay, SutureError } from '../contract/errors.ts';
import type { OrganizationAccount } from '../domain/account.ts';
import { type Job, type JobWork, planApproval, type RemediationResult } from '../domain/job.ts';
import { exceptionReason, excludedReason } from '../domain/left-alone.ts';
import { managedDecisionOn } from '../domain/managed-policy.ts';
import {
  decisionOn,
  memberOf,
  nextOpening,
  outsideWindows,
  type PolicyInForce,
  type PolicyMember,
} from '../domain/policy.ts';

type Deferral = Extract<RemediationResult, { kind: 'deferred' }>;

/**
 * Returns a deferral if the change must wait for its maintenance window.
 * @throws SutureError Stopped if the policy no longer allows the work
 */
export function recheckPolicy(job: Job, work: JobWork, policy: PolicyInForce, now: Date): Deferral | undefined {
  const { finding } = job;
  const excluded = excludedReason(job, policy);
  if (excluded !== undefined)
    throw stoppedError(`${excluded}.`, work.mode === 'rollback' ? INCLUDE : `${LEAVE} ${INCLUDE}`);
  // A person undoes a change, or nothing is changed, so policy's rules for changes do not apply.
  if (work.mode === 'rollback' || work.lookOnly) return undefined;

  const exception = exceptionReason(job, work, policy, now);
  if (exception !== undefined)
    throw stoppedError(`${exception}.`, 'A replay ends it as ignored, or continues if you change the policy:');

  const member = memberOf(finding);
  const { mode, tags, byRisk, because } = decisionOn(policy, finding.control!, work.risk, member);
  const allowed = new Set([mode, ...Object.values(tags)]);
  const approved = planApproval(job) !== undefined;
  const isAllowed =
    work.mode === 'plan'
      ? allowed.size > 1 || mode !== 'off'
      : allowed.has('auto') || (approved && allowed.has('approve')) || (byRisk && work.policy.byRisk);
  if (!isAllowed) throw stoppedError(`Now ${because}; when the finding was triaged, policy allowed ${work.mode}.`);
  return work.mode === 'plan' ? undefined : deferralOf(finding.control!, work, policy, member, now);
}

function deferralOf(
  control: string,
  { risk }: JobWork,
  policy: PolicyInForce,
  member: PolicyMember,
  now: Date,
): Deferral | undefined {
  const because = outsideWindows(policy, control, risk, member, now);
  if (because === undefined) return undefined;
  return { kind: 'deferred', because, until: nextOpening(policy, control, risk, member, now).toISOString() };
}

/**
 * Returns the work with the current policy, which the remediation applies after it has read the live tags. The
 * parameters stay those of triage.
 */
export function withCurrentPolicy({ finding }: Job, work: JobWork, policy: PolicyInForce): JobWork {
  if (work.lookOnly) return work;
  const member = memberOf(finding);
  const { mode, tags, byRisk } = decisionOn(policy, finding.control!, work.risk, member);
  const managed = managedDecisionOn(policy, finding.control!, member);
  return { ...work, policy: { mode, tags, ...(byRisk && work.policy.byRisk && { byRisk }), managed } };
}

/**
 * Returns the job with the account's current organizational units.
 * @throws SutureError Stopped if the account is no longer an active member
 */
export function requireActiveMember(
  job: Job,
  account: Pick<OrganizationAccount, 'status' | 'ouPath' | 'unitIds'> | undefined,
): Job {
  const name = `Account ${job.finding.account}`;
  const advice = job.work?.mode === 'rollback' ? WHEN_ACTIVE : `${LEAVE} ${WHEN_ACTIVE}`;
  if (!account) throw stoppedError(`${name} has left the organization.`, advice);
  if (account.status !== 'ACTIVE') throw stoppedError(`${name} is ${account.status} now.`, advice);
  const { ouPath, unitIds } = account;
  return { ...job, finding: { ...job.finding, ouPath, unitIds: [...unitIds] } };
}

const LEAVE = 'If it should stay as it is, a replay ends it as ignored.';
const WHEN_ACTIVE = 'When the account is an active member again, replay it:';
const INCLUDE = 'To change it, take the account out of excludedAccounts, and suture policy push. Then replay it:';

const stoppedError = (what: string, advice = 'Leave it, or change the policy and replay it:') =>
  new SutureError('Stopped', `${what} Nothing was written. ${advice} ${commandToReplay('Stopped')}`);
