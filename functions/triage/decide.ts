/**
 * What is to become of a finding, and why: a pure decision over what the adapters fetched. The first check that says no
 * gives the reason. Never takes a value to write from a finding.
 */
import type { CaseFinding, Route, Work } from '../contract/case.ts';
import { controlsOf } from '../contract/controls.ts';
import { Finding, type FindingEvent, slimResource } from '../contract/finding.ts';
import { decisionOn, exceptionFor, type Policy } from '../contract/policy.ts';
import type { Fields, Remediation, Resource } from '../contract/remediation.ts';
import { foreignFinding } from './foreign.ts';
import { forgery, type Organization } from './genuine.ts';

export type Verdict = {
  readonly route: Exclude<Route, 'split'>;
  readonly reason: string;
  readonly finding: CaseFinding;
  readonly work?: Work;
  readonly note?: string;
};

export type Known = {
  readonly remediations: readonly Remediation[];
  readonly policy: Policy;
  readonly organization: Organization;
  /** ISO date. */
  readonly today: string;
};

const CUSTOM_ACTION = 'Security Hub Findings - Custom Action';

export function decide(event: FindingEvent, raw: unknown, known: Known): Verdict {
  const foreign = foreignFinding(event['detail-type'], raw);
  if (foreign) return { ...foreign, finding: foreign.finding ?? nameless(raw) };
  const parsed = Finding.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'finding'}: ${message}`);
    return {
      route: 'reject',
      reason: `is not a finding in ASFF: ${problems.slice(0, 5).join('; ')}`,
      finding: nameless(raw),
    };
  }
  const finding = parsed.data;
  const slim = { ...slimFinding(finding), ouPath: known.organization.ouPath };
  const verdict = (route: Verdict['route'], reason: string, more: Partial<Verdict> = {}): Verdict => ({
    route,
    reason,
    finding: slim,
    ...more,
  });

  const forged = forgery(event, finding, known.organization);
  if (forged) return verdict('reject', forged);
  const stale = notNew(finding, event['detail-type'] === CUSTOM_ACTION);
  if (stale) return verdict('ignore', stale);

  const names = controlsOf(finding);
  if (names.kind === 'disagree') return verdict('reject', names.because);
  if (names.kind === 'unknown') return verdict('ignore', names.because);
  const control = handledOf(names.controls, finding.Resources[0]!, known.remediations);
  const named = (route: Verdict['route'], reason: string, more: Partial<Verdict> = {}): Verdict =>
    verdict(route, reason, { ...more, finding: { ...slim, control } });

  const facts = factsOf(finding, control);
  const suppression = exceptionFor(known.policy.suppressions, facts, known.today);
  if (suppression) {
    const note = `Suppressed by Suture, rule ${suppression.id}: ${suppression.reason} (${suppression.owner}, until ${suppression.expires})`;
    return named('archive', `suppression ${suppression.id}: ${suppression.reason}`, { note });
  }

  const exemption = exceptionFor(known.policy.exemptions, facts, known.today);
  if (exemption)
    return named(
      'ignore',
      `exempt by ${exemption.id}: ${exemption.reason} (${exemption.owner}, until ${exemption.expires})`,
    );

  const remediation = handlerOf(control, known.remediations);
  if (!remediation) return named('ignore', `no remediation handles ${control}`);
  const { ouPath } = known.organization;
  const decision = decisionOn(known.policy, control, remediation.risk, { account: finding.AwsAccountId, ouPath });
  const { mode, params, because } = decision;
  const mayWrite = mode === 'auto' || Object.values(decision.tags).includes('auto');
  if (mode === 'off' && !Object.values(decision.tags).some((byTag) => byTag !== 'off')) return named('ignore', because);

  if (finding.Resources.length !== 1)
    return named('reject', `names ${finding.Resources.length} resources; control findings name one`);
  const resource = finding.Resources[0]!;
  const target = remediation.target.safeParse(resource);
  if (!target.success) return named('reject', target.error.issues[0]!.message);
  const checked = remediation.params.safeParse(params);
  if (!checked.success)
    return named('ignore', `policy gives ${control} parameters that ${remediation.id} does not take`);

  const work: Work = {
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
const handledOf = (controls: readonly string[], resource: Resource, remediations: readonly Remediation[]): string =>
  controls.find((name) => handlerOf(name, remediations)?.target.safeParse(resource).success) ??
  controls.find((name) => handlerOf(name, remediations)) ??
  controls[0]!;

export const handlerOf = (control: string, remediations: readonly Remediation[]): Remediation | undefined =>
  remediations.find(({ handles }) => handles.controls.includes(control));

/** Findings that are not open any more; a custom action relaxes the workflow status, for a person chose it, and nothing else. */
function notNew({ RecordState, Workflow, Compliance }: Finding, chosen: boolean): string | undefined {
  if (RecordState !== 'ACTIVE') return `RecordState is ${RecordState}`;
  if (Workflow.Status !== 'NEW' && !chosen) return `Workflow.Status is ${Workflow.Status}`;
  const compliance = Compliance?.Status;
  return compliance === 'FAILED' || compliance === 'WARNING'
    ? undefined
    : `Compliance.Status is ${compliance ?? 'absent'}`;
}

function slimFinding(finding: Finding): CaseFinding {
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

/** As much of a name as something that is no finding has. */
function nameless(raw: unknown): CaseFinding {
  const part = (name: string) => {
    const value = typeof raw === 'object' && raw !== null && Object.hasOwn(raw, name) ? raw[name as never] : undefined;
    return typeof value === 'string' ? (value as string).slice(0, 512) : undefined;
  };
  return { id: part('Id') ?? 'unknown', productArn: part('ProductArn') ?? 'unknown', account: part('AwsAccountId') };
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
function leaseOf({ global }: Remediation, { account, region, resource }: CaseFinding, target: Fields): string {
  const thing = Object.values(target).join('/') || 'account';
  return [account, global ? 'global' : region, resource?.Type, thing].join('#');
}
