/** Repeats the request for approval if the plan changed after a person approved it. Pure. */
import { SutureError } from '../contract/errors.ts';
import { isEqual } from '../contract/is-equal.ts';
import { approvalId } from '../domain/approval.ts';
import type { Job, JobWork, RemediationResult } from '../domain/job.ts';
import { expiryTime } from '../domain/ledger.ts';
import { shellWord } from '../domain/plain-text.ts';
import { approvalEnd, memberOf, type PolicyInForce } from '../domain/policy.ts';

/** How often a request for approval is repeated before the execution fails. */
export const MAX_REPEATED_APPROVALS = 3;

/** Returns the job without its approval if that has ended. The attempt then plans, and requests approval again. */
export function withoutEndedApproval(job: Job, work: JobWork, policy: PolicyInForce, now: Date): Job {
  if (!job.approval?.approved) return job;
  const end = approvedUntil(job, work, policy);
  return end && now < end ? job : { ...job, approval: undefined };
}

/** Returns when the job's approval ends; undefined if it has none, or nobody can read its time. */
export function approvedUntil({ approval, finding }: Job, { risk }: JobWork, policy: PolicyInForce): Date | undefined {
  const approvedAt = new Date(approval?.approved ? approval.at : Number.NaN);
  if (Number.isNaN(approvedAt.getTime())) return undefined;
  return approvalEnd(policy, finding.control!, risk, memberOf(finding), approvedAt);
}

/**
 * Returns the job after an attempt. A plan that waits for approval replaces the approval of an earlier plan.
 * @throws SutureError PlanChanged after MAX_REPEATED_APPROVALS repeated requests
 */
export function jobAfterAttempt(job: Job, result: RemediationResult, now = Date.now()): Job {
  const version = ('version' in result ? result.version : undefined) ?? job.work!.version;
  const risk = ('risk' in result ? result.risk : undefined) ?? job.work!.risk;
  const next: Job = { ...job, work: { ...job.work!, version, risk }, result, ask: undefined };
  if (result.kind !== 'planned' || result.awaits !== 'approval') return next;
  const ask = { id: approvalId(job.execution), expires: expiryTime(now) };
  const earlierPlan = planIn(job.result);
  if (!earlierPlan) return { ...next, ask };
  const askedAgain = (job.askedAgain ?? 0) + 1;
  if (askedAgain > MAX_REPEATED_APPROVALS) throw planChanged(job, earlierPlan, result);
  return { ...next, ask, approval: undefined, askedAgain };
}

type ShownPlan = { readonly before: unknown; readonly after: unknown };

/** Returns the plan that a person was asked about. */
export function planIn(result: RemediationResult | undefined): ShownPlan | undefined {
  if (result?.kind === 'deferred') return result.planned;
  return result?.kind === 'planned' && result.awaits === 'approval' ? result : undefined;
}

function planChanged({ finding, work }: Job, from: ShownPlan, to: ShownPlan): SutureError {
  const lines = [...changesIn(from.before, to.before, 'before'), ...changesIn(from.after, to.after, 'after')];
  const what = lines.length > 0 ? lines.join('\n') : 'the approval ended before the change could be made';
  return new SutureError(
    'PlanChanged',
    `${work!.remediation} asked for approval ${MAX_REPEATED_APPROVALS + 1} times, and ${finding.resource?.Id ?? finding.id} ` +
      `changed each time before the approved plan could be applied. Nothing was written. The last plan that was ` +
      `approved differs from what would be done now:\n${what}\nFind out who changes the resource, then replay it: suture replay ${shellWord(finding.id)} --again --reason "…"`,
  );
}

const MAX_LINES = 12;
const MAX_VALUE = 200;

/** Returns a line for each member that differs, by its path. Elements of a list have no names: they are added or removed. */
function changesIn(from: unknown, to: unknown, path: string): string[] {
  if (isEqual(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to))
    return [
      ...without(from, to).map((element) => `${path}: no longer ${shortened(element)}`),
      ...without(to, from).map((element) => `${path}: new ${shortened(element)}`),
    ].slice(0, MAX_LINES);
  if (!isRecord(from) || !isRecord(to)) return [`${path}: ${shortened(from)} → ${shortened(to)}`];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return keys.flatMap((key) => changesIn(from[key], to[key], `${path}.${key}`)).slice(0, MAX_LINES);
}

const without = (list: readonly unknown[], other: readonly unknown[]): unknown[] =>
  list.filter((element) => !other.some((each) => isEqual(each, element)));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shortened = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, MAX_VALUE);
