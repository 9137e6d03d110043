/**
 * What is to become of a finding, and why: a pure decision over what the adapters fetched. The first check that says no
 * gives the reason. Never takes a value to write from a finding.
 */

import type { FindingResource, Remediation, TargetFields } from '../contract/remediation.ts';
import { controlsOf } from '../domain/controls.ts';
import { Finding, type FindingEvent, slimResource } from '../domain/finding.ts';
import type { JobFinding, JobRoute, JobWork, TriageCheck } from '../domain/job.ts';
import { decisionOn, exceptionFor, type SuturePolicy } from '../domain/policy.ts';
import { foreignFinding } from './foreign.ts';
import { type FindingCheck, genuineness, type OrganizationFacts } from './genuine.ts';

export type TriageVerdict = {
  readonly route: Exclude<JobRoute, 'split'>;
  readonly reason: string;
  readonly finding: JobFinding;
  readonly work?: JobWork;
  readonly note?: string;
  /** What was looked at, in order, with the value met. */
  readonly checks: TriageCheck[];
};

export type Known = {
  readonly remediations: readonly Remediation[];
  readonly policy: SuturePolicy;
  readonly organization: OrganizationFacts;
  /** ISO date. */
  readonly today: string;
};

const CUSTOM_ACTION = 'Security Hub Findings - Custom Action';

/** Characters of a value that a check keeps. */
const VALUE = 200;

export function triage(event: FindingEvent, raw: unknown, known: Known): TriageVerdict {
  const checks: TriageCheck[] = [];
  /** Keeps what was looked at, and answers the reason against the finding, if it is one. */
  const see = ({ check, value, against }: FindingCheck): string | undefined => {
    checks.push({ check, value: value.slice(0, VALUE), passed: against === undefined });
    return against;
  };

  const foreign = foreignFinding(event['detail-type'], raw);
  see({ check: 'product', value: productOf(raw), against: foreign?.reason });
  if (foreign) return { ...foreign, finding: foreign.finding ?? nameless(raw), checks };
  const parsed = Finding.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'finding'}: ${message}`);
    const reason = `is not a finding in ASFF: ${problems.slice(0, 5).join('; ')}`;
    see({ check: 'format', value: problems[0]!, against: reason });
    return { route: 'reject', reason, finding: nameless(raw), checks };
  }
  const finding = parsed.data;
  const slim = { ...slimFinding(finding), ouPath: known.organization.ouPath };
  const verdict = (
    route: TriageVerdict['route'],
    reason: string,
    more: Partial<TriageVerdict> = {},
  ): TriageVerdict => ({
    route,
    reason,
    finding: slim,
    checks,
    ...more,
  });

  for (const looked of genuineness(event, finding, known.organization)) {
    const forged = see(looked);
    if (forged) return verdict('reject', forged);
  }
  for (const looked of newness(finding, event['detail-type'] === CUSTOM_ACTION)) {
    const stale = see(looked);
    if (stale) return verdict('ignore', stale);
  }

  const names = controlsOf(finding);
  const unnamed = names.kind === 'controls' ? undefined : names.because;
  see({ check: 'control', value: finding.Compliance?.SecurityControlId ?? finding.GeneratorId, against: unnamed });
  if (names.kind === 'disagree') return verdict('reject', names.because);
  if (names.kind === 'unknown') return verdict('ignore', names.because);
  const control = handledOf(names.controls, finding.Resources[0]!, known.remediations);
  const named = (route: TriageVerdict['route'], reason: string, more: Partial<TriageVerdict> = {}): TriageVerdict =>
    verdict(route, reason, { ...more, finding: { ...slim, control } });

  const facts = factsOf(finding, control);
  const suppression = exceptionFor(known.policy.suppressions, facts, known.today);
  const suppressed = suppression && `suppression ${suppression.id}: ${suppression.reason}`;
  see({ check: 'suppressions', value: suppression?.id ?? 'none applies', against: suppressed });
  if (suppression) {
    const note = `Suppressed by Suture, rule ${suppression.id}: ${suppression.reason} (${suppression.owner}, until ${suppression.expires})`;
    return named('archive', suppressed!, { note });
  }

  const exemption = exceptionFor(known.policy.exemptions, facts, known.today);
  const exempt =
    exemption && `exempt by ${exemption.id}: ${exemption.reason} (${exemption.owner}, until ${exemption.expires})`;
  see({ check: 'exemptions', value: exemption?.id ?? 'none applies', against: exempt });
  if (exempt) return named('ignore', exempt);

  const remediation = handlerOf(control, known.remediations);
  const unhandled = remediation ? undefined : `no remediation handles ${control}`;
  see({ check: 'remediation', value: remediation?.id ?? control, against: unhandled });
  if (!remediation) return named('ignore', unhandled!);
  const { ouPath } = known.organization;
  const decision = decisionOn(known.policy, control, remediation.risk, { account: finding.AwsAccountId, ouPath });
  const { mode, params, because } = decision;
  const mayWrite = mode === 'auto' || Object.values(decision.tags).includes('auto');
  const isOff = mode === 'off' && !Object.values(decision.tags).some((byTag) => byTag !== 'off');
  see({ check: 'policy', value: because, against: isOff ? because : undefined });
  if (isOff) return named('ignore', because);

  const count = finding.Resources.length;
  const several = count === 1 ? undefined : `names ${count} resources; control findings name one`;
  see({ check: 'number of resources', value: String(count), against: several });
  if (several) return named('reject', several);
  const resource = finding.Resources[0]!;
  const target = remediation.target.safeParse(resource);
  const elsewhere = target.success ? undefined : target.error.issues[0]!.message;
  see({ check: 'target', value: `${resource.Type} ${resource.Id}`, against: elsewhere });
  if (!target.success) return named('reject', elsewhere!);
  const checked = remediation.params.safeParse(params);
  const untaken = checked.success
    ? undefined
    : `policy gives ${control} parameters that ${remediation.id} does not take`;
  see({ check: 'parameters', value: JSON.stringify(params) ?? 'none', against: untaken });
  if (!checked.success) return named('ignore', untaken!);

  const work: JobWork = {
    remediation: remediation.id,
    risk: remediation.risk,
    mode: mayWrite ? 'apply' : 'plan',
    policy: { mode, tags: decision.tags },
    approvalSeconds: Math.round(known.policy.approvals.hours * 3600),
    target: target.data,
    params: checked.data,
    lease: leaseOf(remediation, slim, target.data),
  };
  return named(mode === 'approve' ? 'approve' : 'remediate', `${remediation.id} handles ${control}; ${because}`, {
    work,
  });
}

/**
 * Of two controls that one older name stands for, the one whose remediation takes such a resource (S3.1 an account, S3.8 a
 * bucket), else the one that is handled at all. No two handled ones share name and resource: a test holds the registry to it.
 */
const handledOf = (
  controls: readonly string[],
  resource: FindingResource,
  remediations: readonly Remediation[],
): string =>
  controls.find((name) => handlerOf(name, remediations)?.target.safeParse(resource).success) ??
  controls.find((name) => handlerOf(name, remediations)) ??
  controls[0]!;

export const handlerOf = (control: string, remediations: readonly Remediation[]): Remediation | undefined =>
  remediations.find(({ handles }) => handles.controls.includes(control));

/** Findings that are not open any more; a custom action relaxes the workflow status, for a person chose it, and nothing else. */
function* newness(
  { RecordState, Workflow, Compliance }: Finding,
  chosen: boolean,
): Generator<FindingCheck, void, void> {
  const unless = (passed: boolean, name: string, value: string): FindingCheck => ({
    check: name,
    value,
    against: passed ? undefined : `${name} is ${value}`,
  });
  yield unless(RecordState === 'ACTIVE', 'RecordState', RecordState);
  yield unless(Workflow.Status === 'NEW' || chosen, 'Workflow.Status', Workflow.Status);
  const compliance = Compliance?.Status;
  yield unless(compliance === 'FAILED' || compliance === 'WARNING', 'Compliance.Status', compliance ?? 'absent');
}

function slimFinding(finding: Finding): JobFinding {
  const resource = slimResource(finding.Resources[0]!);
  return {
    id: finding.Id,
    productArn: finding.ProductArn,
    title: finding.Title,
    severity: finding.Severity?.Label,
    generator: finding.GeneratorId,
    account: finding.AwsAccountId,
    region: resource.Region ?? finding.Region ?? finding.ProductArn.split(':')[3],
    partition: finding.ProductArn.split(':')[1],
    resource,
    updatedAt: finding.UpdatedAt,
  };
}

/** The names of what may be a finding, nothing of it proven. */
export function namesOf(raw: unknown): JobFinding {
  const parsed = Finding.safeParse(raw);
  if (!parsed.success) return nameless(raw);
  const names = controlsOf(parsed.data);
  return { ...slimFinding(parsed.data), control: names.kind === 'controls' ? names.controls[0] : undefined };
}

/** As much of a name as something that is no finding has. */
const nameless = (raw: unknown): JobFinding => ({
  id: partOf(raw, 'Id') || 'unknown',
  productArn: partOf(raw, 'ProductArn') ?? 'unknown',
  account: partOf(raw, 'AwsAccountId'),
});

const productOf = (raw: unknown): string => partOf(raw, 'ProductArn') ?? 'none';

function partOf(raw: unknown, name: string): string | undefined {
  const value = typeof raw === 'object' && raw !== null && Object.hasOwn(raw, name) ? raw[name as never] : undefined;
  return typeof value === 'string' ? (value as string).slice(0, 512) : undefined;
}

const factsOf = (finding: Finding, control: string) => ({
  control,
  account: finding.AwsAccountId,
  region: finding.Resources[0]!.Region ?? finding.Region,
  resource: finding.Resources[0]!.Id,
  title: finding.Title,
  generator: finding.GeneratorId,
  severity: finding.Severity?.Label,
  tags: finding.Resources[0]!.Tags,
});

/** What two changes must not touch at once: the place and target, whatever remediation and control they come by. */
function leaseOf({ global }: Remediation, { account, region, resource }: JobFinding, target: TargetFields): string {
  const thing = Object.values(target).join('/') || 'account';
  return [account, global ? 'global' : region, resource?.Type, thing].join('#');
}
