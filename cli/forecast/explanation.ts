/**
 * Explains what policy does with a finding, or with a control in an account: its effect, the owner and the owner's time,
 * and the rule for resources that code manages. Triage's own code decides, before anything reads the live resource. Pure.
 */
import type { ResourceTags } from '../../functions/contract/remediation.ts';
import { Finding } from '../../functions/domain/finding.ts';
import { isInGrace } from '../../functions/domain/grace.ts';
import type { JobFinding } from '../../functions/domain/job.ts';
import {
  type ManagedAction,
  type ManagedDecision,
  type Management,
  managedAction,
} from '../../functions/domain/managed.ts';
import { type OwnerCandidate, ownerCandidates } from '../../functions/domain/owners.ts';
import { type Mode, modeByTags } from '../../functions/domain/policy.ts';
import type { ResourceOwner } from '../../functions/domain/resource-owner.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import { Candidate } from '../../functions/triage/candidate.ts';
import { firstRejection } from '../../functions/triage/check.ts';
import { managedClaim } from '../../functions/triage/decide.ts';
import { ACCOUNT_CHECKS } from '../../functions/triage/genuine.ts';
import { POLICY_CHECKS } from '../../functions/triage/handling.ts';
import { ownerReport } from '../owner/owner-report.ts';
import {
  EFFECTS_BY_MODE,
  type Effect,
  effectOf,
  effectOfEnd,
  type ForecastFacts,
  importOf,
  triageAsImported,
  triageFactsOf,
} from './forecast.ts';

export type Explanation = {
  /** Absent for a control. */
  readonly finding?: string;
  readonly resource?: string;
  readonly control: string;
  /** Absent for accounts that no rule names. */
  readonly account?: string;
  readonly unit?: string;
  readonly severity?: string;
  readonly effect: Effect;
  readonly why: string;
  /** Modes of policy for live resources with a tag. */
  readonly modesByTag: Readonly<Record<string, Mode>>;
  /** The time that the owner has before Suture changes something; 0 if Suture does not wait, or changes nothing. */
  readonly graceMs: number;
  /** The end of that time. Present if the owner was told. */
  readonly dueBy?: string;
  readonly owner?: ResourceOwner;
  /** Every source that names an owner, the most specific first. */
  readonly candidates: readonly OwnerCandidate[];
  /** Absent if policy changes nothing. */
  readonly whenManagedBy?: ManagedDecision;
  /** The code that manages the resource, as the last plan found or the tags claim, and the action that policy names for it. */
  readonly managed?: { readonly by: readonly string[]; readonly isClaim: boolean; readonly action: ManagedAction };
};

/** An account that no rule of a policy names. */
export const ANY_ACCOUNT = '000000000000';
const ROOT = '/';

export type ControlPlace = {
  readonly account?: string | undefined;
  readonly severity?: string | undefined;
  readonly tags?: ResourceTags;
  /** The account's security contact, if Suture has read it. */
  readonly securityContact?: string | undefined;
};

/** Explains what would become of a finding of the control. Exceptions for single resources do not count. */
export function explainControl(
  control: string,
  { account, severity, tags = {}, securityContact }: ControlPlace,
  facts: ForecastFacts,
): Explanation {
  const member = triageFactsOf(account ?? ANY_ACCOUNT, facts);
  const { homeRegion } = facts.organization;
  const finding = Finding.parse({
    ...{ Id: 'none', ProductArn: `arn:aws:securityhub:${homeRegion}::product/aws/securityhub` },
    ...{ GeneratorId: `security-control/${control}`, AwsAccountId: account ?? ANY_ACCOUNT },
    ...NEW,
    Compliance: { Status: 'FAILED', SecurityControlId: control },
    Severity: { Label: severity },
    Resources: [{ Type: 'Other', Id: 'none', Tags: tags }],
  });
  const candidate = new Candidate(importOf(finding, facts.organization), finding, member);
  const checks: Parameters<typeof firstRejection>[2] = [];
  const rejection = firstRejection([...(account ? ACCOUNT_CHECKS : []), ...POLICY_CHECKS], candidate, checks);
  const { ouPath, unitIds } = member.organization;
  const units = { ouPath, ...(unitIds && { unitIds: [...unitIds] }) };
  const candidates = ownerCandidates(facts.policy, { account, ...units, tags, securityContact });
  const place = {
    control,
    ...(account !== undefined && { account }),
    ...(ouPath !== undefined && (account !== undefined || ouPath !== ROOT) && { unit: ouPath }),
    ...(severity !== undefined && { severity }),
  };
  if (rejection) {
    const effect = rejection.route === 'reject' ? 'refused' : effectOfEnd(checks.at(-1));
    return { ...place, effect, why: rejection.reason, modesByTag: {}, graceMs: 0, ...ownerFields(candidates) };
  }
  const { decision, managed, graceMs } = candidate;
  const byTag = modeByTags(decision.tags, tags);
  return {
    ...place,
    effect: EFFECTS_BY_MODE[byTag?.mode ?? decision.mode],
    why: byTag ? tagReason(byTag) : decision.because,
    modesByTag: decision.tags,
    graceMs,
    ...ownerFields(candidates),
    ...managedFields(managed, tags, undefined),
  };
}

const NEW = { RecordState: 'ACTIVE', Workflow: { Status: 'NEW' } } as const;

const tagReason = ({ mode, tag }: { readonly mode: Mode; readonly tag: string }): string =>
  `policy says ${mode} where tagged ${tag}`;

export type ExplanationFacts = ForecastFacts & {
  /** The account's security contact, if Suture has read it. */
  readonly securityContact?: string | undefined;
  readonly now: number;
};

/** Explains what would become of a finding of the ledger if Security Hub imported it now. */
export function explainFinding(record: Pick<LedgerRecord, 'job' | 'ofStatus'>, facts: ExplanationFacts): Explanation {
  const { finding, result, toldAt } = record.job;
  const { owner, candidates } = ownerReport(record, facts.policy, facts.securityContact);
  const live = result && 'ownerTags' in result ? result.ownerTags : undefined;
  const tags = { ...finding.resource?.Tags, ...live };
  const verdict = triageAsImported(asImported(finding, tags), facts);
  const { graceMs = 0, work } = verdict;
  const isWaiting = record.ofStatus === 'WAITING' && toldAt !== undefined && isInGrace(graceMs, { toldAt }, facts.now);
  const { control, account, severity, ouPath, resource } = { ...finding, ...verdict.finding };
  return {
    finding: finding.id,
    ...(resource && { resource: resource.Id }),
    control: control ?? '-',
    ...(account !== undefined && { account }),
    ...(ouPath !== undefined && { unit: ouPath }),
    ...(severity !== undefined && { severity }),
    ...effectOf(verdict),
    modesByTag: work?.policy.tags ?? {},
    graceMs,
    ...(isWaiting && { dueBy: new Date(Date.parse(toldAt) + graceMs).toISOString() }),
    ...(owner && { owner }),
    candidates,
    ...managedFields(work?.policy.managed, tags, result && 'managedBy' in result ? result.managedBy : undefined),
  };
}

/** Returns the finding as Security Hub would import it: the ledger has every field that triage compares with policy. */
const asImported = (finding: JobFinding, tags: ResourceTags) => ({
  ...{ Id: finding.id, ProductArn: finding.productArn, AwsAccountId: finding.account, Title: finding.title },
  GeneratorId: finding.generator ?? `security-control/${finding.control}`,
  ...NEW,
  Compliance: { Status: 'FAILED', SecurityControlId: finding.control },
  Severity: { Label: finding.severity },
  Resources: finding.resource ? [{ ...finding.resource, Tags: tags }] : [],
});

const ownerFields = (candidates: readonly OwnerCandidate[]): Pick<Explanation, 'owner' | 'candidates'> => {
  const owner = candidates.find((each) => each.owner !== undefined)?.owner;
  return { ...(owner && { owner }), candidates };
};

function managedFields(
  whenManagedBy: ManagedDecision | undefined,
  tags: ResourceTags,
  found: Management | undefined,
): Pick<Explanation, 'whenManagedBy' | 'managed'> {
  if (!whenManagedBy) return {};
  if (found) {
    const action = managedAction([whenManagedBy], [found], tags);
    return { whenManagedBy, managed: { by: [found.name], isClaim: false, action } };
  }
  const claim = managedClaim(tags, whenManagedBy);
  if (!claim) return { whenManagedBy };
  return {
    whenManagedBy,
    managed: { by: claim.managers.map(({ name }) => name), isClaim: true, action: claim.action },
  };
}
