/**
 * Decides the route of a finding from what the adapters read. The checks run in order, and the first that rejects the
 * finding gives the reason. Triage never takes a value to write from a finding. Pure.
 */
import { type Place, parseTarget, type ResourceTags, type TargetFields, targetArn } from '../contract/remediation.ts';
import { arnStem } from '../domain/alias-exceptions.ts';
import { unmetParameters } from '../domain/control-parameters.ts';
import type { RemediationDeclaration } from '../domain/declaration.ts';
import { Finding, type FindingEvent } from '../domain/finding.ts';
import { rawNames } from '../domain/finding-names.ts';
import type { JobFinding, JobRoute, JobWork, TriageCheck } from '../domain/job.ts';
import { type ManagedDecision, managedAction, managedByStack, managersByTags, stackClaim } from '../domain/managed.ts';
import { ARRIVAL_CHECKS } from './arrival.ts';
import { Candidate, type TriageFacts } from './candidate.ts';
import { type Check, firstRejection } from './check.ts';
import { FIXED_BY_OWNER_CHECKS, fixedByOwnerReason, lookOnlyWork } from './fixed-by-owner.ts';
import { namesOfForeign } from './foreign.ts';
import { GENUINENESS_CHECKS } from './genuine.ts';
import { controlCheck, HANDLING_CHECKS } from './handling.ts';
import { NEWNESS_CHECKS } from './newness.ts';

export type TriageVerdict = {
  readonly route: Exclude<JobRoute, 'split' | 'wait'>;
  readonly reason: string;
  readonly finding: JobFinding;
  readonly work?: JobWork;
  /** Milliseconds that the owner of the resource has, from when the owner is told. */
  readonly graceMs?: number;
  readonly suppression?: string;
  readonly note?: string;
  readonly checks: TriageCheck[];
};

const IDENTITY_CHECKS: readonly Check<Candidate>[] = [...GENUINENESS_CHECKS, ...NEWNESS_CHECKS, controlCheck];
const PASSED_CHECKS: readonly Check<Candidate>[] = [...GENUINENESS_CHECKS, controlCheck];

/** Runs the checks of a finding, and returns its route with the work to do. */
export function triage(event: FindingEvent, raw: unknown, facts: TriageFacts): TriageVerdict {
  const checks: TriageCheck[] = [];
  const unread = firstRejection(ARRIVAL_CHECKS, { detailType: event['detail-type'], raw }, checks);
  if (unread) return { ...unread, finding: namesOfForeign(raw) ?? rawNames(raw), checks };

  const candidate = new Candidate(event, Finding.parse(raw), facts);
  const { mayBeFixedByOwner } = candidate;
  const unidentified = firstRejection(mayBeFixedByOwner ? PASSED_CHECKS : IDENTITY_CHECKS, candidate, checks);
  if (unidentified) return { ...unidentified, finding: candidate.names, checks };

  const finding = { ...candidate.names, control: candidate.control };
  const unhandled = firstRejection(mayBeFixedByOwner ? FIXED_BY_OWNER_CHECKS : HANDLING_CHECKS, candidate, checks);
  if (unhandled) return { ...unhandled, finding, checks };

  const work = workOf(candidate);
  if (mayBeFixedByOwner)
    return { route: 'remediate', reason: fixedByOwnerReason(candidate), finding, work: lookOnlyWork(work), checks };
  const { graceMs } = candidate;
  return {
    route: work.policy.mode === 'approve' && !work.policy.byRisk ? 'approve' : 'remediate',
    reason: `${work.remediation} handles ${candidate.control}; ${candidate.decision.because}${claimText(candidate)}`,
    finding,
    work,
    ...(graceMs > 0 && { graceMs }),
    checks,
  };
}

/** Returns what the tags claim about code that manages the resource, and policy's answer; undefined if they claim nothing. */
export function managedClaim(tags: ResourceTags, managed: ManagedDecision) {
  const claim = stackClaim(tags);
  const managers = [...(claim ? [managedByStack(claim)] : []), ...managersByTags(tags, managed.marks)];
  return managers.length === 0 ? undefined : { managers, action: managedAction([managed], managers, tags) };
}

/** Says what the finding's tags claim. The plan checks it. */
function claimText({ resource: { Tags = {} }, managed }: Candidate): string {
  const found = managedClaim(Tags, managed);
  if (!found) return '';
  const { managers, action } = found;
  return `; its tags claim ${managers.map(({ name }) => name).join(' and ')}, of which policy says ${action}`;
}

function workOf(candidate: Candidate): JobWork {
  const { remediation, decision, names, resource, facts } = candidate;
  const { id, version = 1, risk, riskOf, params } = remediation!;
  const { mode, tags } = decision;
  const byRisk = decision.byRisk && riskOf !== undefined;
  const target: TargetFields = parseTarget(remediation!, resource).data!;
  const values: Record<string, unknown> = params.parse(decision.params);
  const stem = arnStem(remediation!, names as Place, target);
  const unmet = unmetParameters(remediation!, candidate.control, values, candidate.finding);
  const mayWrite = mode === 'auto' || Object.values(tags).includes('auto') || byRisk;
  return {
    remediation: id,
    version,
    risk,
    mode: mayWrite ? 'apply' : 'plan',
    policy: { mode, tags, ...(byRisk && { byRisk }), managed: candidate.managed },
    approvalSeconds: Math.round(facts.policy.approvals.hours * 3600),
    target,
    ...(stem !== undefined && { arnStem: stem }),
    params: values,
    ...(unmet && { unmet }),
    lease: leaseOf(remediation!, names, target),
  };
}

/** Two changes with the same lease never run at once, whichever remediation and control lead to the resource. */
export function leaseOf(remediation: RemediationDeclaration, finding: JobFinding, target: TargetFields): string {
  const { account, region } = finding;
  // An account setting has one ARN for all Regions.
  return [account, remediation.global ? 'global' : region, targetArn(remediation, finding as Place, target)].join('#');
}
