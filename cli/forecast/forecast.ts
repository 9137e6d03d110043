/**
 * Forecasts the effect of a policy on an open finding by triage's own code, with the finding's tags instead of the live
 * ones. Caps, circuits, windows and the live resource may still stop a change. Pure.
 */
import type { FindingResource, Risk } from '../../functions/contract/remediation.ts';
import type { FindingEvent } from '../../functions/domain/finding.ts';
import { unprovenNames } from '../../functions/domain/finding-names.ts';
import { ownerOf } from '../../functions/domain/owners.ts';
import { type Mode, modeByTags, type PolicyInForce } from '../../functions/domain/policy.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import type { TriageFacts } from '../../functions/triage/candidate.ts';
import { type TriageVerdict, triage } from '../../functions/triage/decide.ts';
import type { OrganizationView } from './organization.ts';

/** `told`: NOTIFIED, so that its owner or a person acts, or Suture's fix waits for the next check. */
export const EFFECTS = [
  'fixed',
  'asked',
  'observed',
  'told',
  'archived',
  'exempt',
  'off',
  'unhandled',
  'refused',
  'closed',
] as const;
export type Effect = (typeof EFFECTS)[number];

export const EFFECT_MEANINGS: Readonly<Record<Effect, string>> = {
  fixed: 'fixed by itself',
  asked: 'fixed if a person approves',
  observed: 'only planned and recorded',
  told: 'NOTIFIED: waiting for an owner, or for the next check of Security Hub',
  archived: 'archived by a suppression',
  exempt: 'left alone by an exemption',
  off: 'left alone: policy does not name the control, or says off',
  unhandled: 'left alone: no remediation handles it',
  refused: 'refused by triage, or policy asks for less than the finding',
  closed: 'not open',
};

export type Forecast = {
  readonly finding: string;
  /** `-`, like the three below, if the finding does not have it. */
  readonly control: string;
  readonly account: string;
  readonly severity: string;
  readonly resource: string;
  readonly effect: Effect;
  readonly why: string;
  /** The name of the owner by the finding's tags. Security contacts do not count. */
  readonly owner?: string;
  readonly remediation?: string;
  /** The risk of the riskiest change that the remediation makes. */
  readonly risk?: Risk;
};

export type ForecastFacts = {
  readonly policy: PolicyInForce;
  readonly organization: OrganizationView;
  readonly today: string;
};

export function forecastOf(finding: unknown, facts: ForecastFacts): Forecast {
  const verdict = triageAsImported(finding, facts);
  const { id, account = '-', severity = '-', resource } = verdict.finding;
  const control = verdict.finding.control ?? unprovenNames(finding).control ?? '-';
  const owner = ownerOf(facts.policy, { ...verdict.finding, tags: tagsOf(resource) })?.name;
  const handler = DECLARATIONS.find(({ handles }) => handles.controls.includes(control));
  return {
    ...{ finding: id, control, account, severity, resource: resource?.Id ?? '-' },
    ...effectOf(verdict),
    ...(owner !== undefined && { owner }),
    ...(handler && { remediation: handler.id, risk: handler.risk }),
  };
}

/** Triages a finding as if Security Hub imported it now. */
export function triageAsImported(finding: unknown, facts: ForecastFacts): TriageVerdict {
  const account = (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId;
  const triageFacts = triageFactsOf(typeof account === 'string' ? account : undefined, facts);
  return triage(importOf(finding, facts.organization), finding, triageFacts);
}

export const importOf = (finding: unknown, { securityAccount, homeRegion }: OrganizationView): FindingEvent => ({
  ...{ id: 'forecast', source: 'aws.securityhub', 'detail-type': 'Security Hub Findings - Imported' },
  ...{ account: securityAccount, region: homeRegion, detail: { findings: [finding] } },
});

export function triageFactsOf(
  account: string | undefined,
  { policy, organization, today }: ForecastFacts,
): TriageFacts {
  const { securityAccount, homeRegion, excluded, lookUp } = organization;
  const member = account === undefined ? undefined : lookUp(account);
  return {
    remediations: DECLARATIONS,
    policy,
    organization: {
      ...{ securityAccount, homeRegion, excluded },
      ...{ status: member?.status, ouPath: member?.ouPath, unitIds: member?.unitIds },
    },
    today,
  };
}

type Judgement = Pick<Forecast, 'effect' | 'why'>;

export function effectOf({ route, reason: why, work, finding, checks }: TriageVerdict): Judgement {
  if (route === 'reject') return { effect: 'refused', why };
  if (!work) return { effect: effectOfEnd(checks.at(-1)), why };
  if (work.unmet)
    return {
      effect: 'refused',
      why: 'policy asks for less than the parameters of the finding, so its plan is refused',
    };
  const byTag = modeByTags(work.policy.tags, tagsOf(finding.resource));
  if (byTag) return { effect: EFFECTS_BY_MODE[byTag.mode], why: `policy says ${byTag.mode} where tagged ${byTag.tag}` };
  return { effect: EFFECTS_BY_MODE[work.policy.mode], why };
}

export const EFFECTS_BY_MODE: Readonly<Record<Mode, Effect>> = {
  off: 'off',
  observe: 'observed',
  approve: 'asked',
  auto: 'fixed',
};

const tagsOf = (resource: FindingResource | undefined): Readonly<Record<string, string>> => resource?.Tags ?? {};

/** Effects by the check at which triage ended without rejecting the finding. */
const EFFECTS_BY_CHECK: Readonly<Record<string, Effect>> = {
  RecordState: 'closed',
  'Compliance.Status': 'closed',
  product: 'unhandled',
  control: 'unhandled',
  remediation: 'unhandled',
  suppressions: 'archived',
  exemptions: 'exempt',
  'excluded by policy': 'exempt',
  policy: 'off',
  parameters: 'refused',
};

export function effectOfEnd(last: TriageVerdict['checks'][number] | undefined): Effect {
  if (last?.check === 'Workflow.Status') return last.value === 'NOTIFIED' ? 'told' : 'closed';
  return EFFECTS_BY_CHECK[last?.check ?? ''] ?? 'unhandled';
}
