import { controlsOf } from '../../functions/domain/controls.ts';
import { MESSAGE_SEVERITIES } from '../../functions/domain/message-kinds.ts';
import { likeliest } from '../../functions/domain/nearest.ts';
import { isSecurityHubControl } from '../../functions/domain/security-hub-controls.ts';
import type { CatalogueEntry } from '../catalogue/catalogue.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import type { ControlPlace } from '../forecast/explanation.ts';
import { jsonOption } from '../options/standard.ts';
import { utcDay } from '../output/utc-day.ts';

export type ExplainOptions = OperatorEnvironment & {
  readonly policy?: string;
  readonly account?: string;
  readonly ou?: string;
  readonly severity?: string;
  readonly tag?: readonly string[];
  readonly json?: boolean;
};

export default defineCommand<ExplainOptions, [name: string]>({
  name: 'explain',
  heading: 'Build',
  summary: 'explain what the remediation of a control does, and what policy does with a finding',
  arguments: [
    {
      name: '<name>',
      text: "a control, a remediation, a finding's generator id, or a finding by its id or first digits",
    },
  ],
  options: [
    {
      flags: '--policy <file>',
      text: 'and what this policy does (default for a finding or an account: the deployed one)',
    },
    { flags: '--account <id>', text: 'for a control: in one account' },
    { flags: '--ou <path>', text: 'for a control with --policy: in a unit: /Workloads (default: /)' },
    { flags: '--severity <label>', text: 'for a control: of findings of this severity', choices: MESSAGE_SEVERITIES },
    { flags: '--tag <key=value>', text: 'for a control: of resources with this tag (repeatable)', repeatable: true },
    jsonOption('a JSON array with all that is known; with a policy, each has it as `policy`'),
  ],
  notes: `
With a finding, an account or a policy, it says what becomes of a finding: fixed, asked about or told first, with how much time,
whose it is and why, and what becomes of a resource that code manages (whenManagedBy). Triage's own code decides, as if Security
Hub sent the finding now. It reads the ledger and the directory, and not the live resource: caps, circuits, windows, live tags
and the plan may still decide otherwise. A control by itself, or with --policy alone, makes no call to AWS.`.trim(),
  examples: [
    'suture explain EC2.13',
    'suture explain EC2.13 --policy policy.yaml --ou /Workloads --severity HIGH --tag team=shop',
    'suture explain EC2.13 --account 333333333333',
    'suture explain 0f6e1a2b',
    'suture explain cis-aws-foundations-benchmark/v/1.4.0/2.2.1',
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  isOffline: (options, name) => !isFindingName(name) && !asksInstallation(options),
  run: (options, name) => explainCommand(name, options),
});

const isFindingName = (name: string): boolean => /^[0-9a-f][0-9a-f-]{5,}$|\/finding\//.test(name);

/** Returns true if the explanation needs the directory of the installation: there is no policy file, and an option describes a place. */
const asksInstallation = ({ account, policy, ou, severity, tag }: ExplainOptions): boolean =>
  policy === undefined && [account, ou, severity, tag].some((each) => each !== undefined);

/** @throws UsageError with the nearest names if no control, remediation, generator id or finding has this one */
export async function explainCommand(name: string, options: ExplainOptions): Promise<string> {
  const { json, policy } = options;
  if (isFindingName(name)) return explainFindingNamed(name, options);
  const place = parsePlace(options);
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const all = await loadCatalogue();
  const entries = entriesNamed(name, all);
  if (entries.length === 0) throw new UsageError(unknownNameText(name, all));
  const isByPolicy = policy !== undefined || asksInstallation(options);
  const explained = isByPolicy ? await explainControls(entries, place, options) : undefined;
  if (json)
    return JSON.stringify(
      entries.map((entry, n) => ({ ...entry, policy: explained?.explanations[n] })),
      null,
      2,
    );
  const groups = Map.groupBy(entries, ({ remediation }) => remediation).values();
  const { controlPage } = await import('../catalogue/control-page.ts');
  const pages = [...groups].map((group) => controlPage(group, all));
  if (!explained) return pages.join('\n\n\n');
  const { explanationText } = await import('../forecast/explanation-text.ts');
  const texts = explained.explanations.map((each) => explanationText(each, explained.policyName));
  return [...pages, ...texts].join('\n\n\n');
}

async function explainFindingNamed(name: string, options: ExplainOptions): Promise<string> {
  const { json, policy: file, ...environment } = options;
  const foreign = (['account', 'ou', 'severity', 'tag'] as const).find((each) => options[each] !== undefined);
  if (foreign)
    throw new UsageError(`--${foreign} is for controls: ${name} is the name of a finding, which has its own.`);
  const { resolveOperator } = await import('../clients/operator.ts');
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { findingExplanations } = await import('../clients/explanations.ts');
  const { explanationText } = await import('../forecast/explanation-text.ts');
  const { chosenPolicy } = await import('../policy/chosen-policy.ts');
  const operator = await resolveOperator(environment);
  const ids = await findingIdsNamed(operator, name);
  const chosen = await chosenPolicy(file, options);
  const explanations = await findingExplanations(operator, ids, chosen);
  if (json) return JSON.stringify(explanations, null, 2);
  return explanations.map((each) => explanationText(each, chosen.name)).join('\n\n');
}

type ExplainedPlace = ControlPlace & { readonly ou: string | undefined };

/** @throws UsageError if an option has a wrong form */
function parsePlace({ account, ou, severity, tag = [], policy }: ExplainOptions): ExplainedPlace {
  if (account !== undefined && !/^\d{12}$/.test(account))
    throw new UsageError(`--account is "${account}": expected 12 digits.`);
  if (ou !== undefined && !/^\/(?:[^/]+(?:\/[^/]+)*)?$/.test(ou))
    throw new UsageError(`--ou is "${ou}": expected the path of a unit, such as /Workloads.`);
  if (ou !== undefined && policy === undefined)
    throw new UsageError('--ou is for --policy: the directory of the installation knows the unit of an account.');
  const tags = tag.map((each) => {
    const [key = '', ...value] = each.split('=');
    if (key === '') throw new UsageError(`--tag is "${each}": expected a key and its value, such as team=shop.`);
    return [key, value.join('=')] as const;
  });
  return { account, ou, severity, tags: Object.fromEntries(tags) };
}

async function explainControls(
  entries: readonly CatalogueEntry[],
  { ou, ...place }: ExplainedPlace,
  options: ExplainOptions,
) {
  const { chosenPolicy } = await import('../policy/chosen-policy.ts');
  const controls = entries.map(({ control }) => control);
  const { policy: file, now = Date.now } = options;
  if (file !== undefined) {
    const { ANY_ACCOUNT, explainControl } = await import('../forecast/explanation.ts');
    const { describedOrganization } = await import('../forecast/organization.ts');
    const { policy, name: policyName } = await chosenPolicy(file, options);
    const organization = describedOrganization([], new Map([[place.account ?? ANY_ACCOUNT, ou ?? '/']]));
    const facts = { policy, organization, today: utcDay(now()) };
    return { policyName, explanations: controls.map((control) => explainControl(control, place, facts)) };
  }
  const { resolveOperator } = await import('../clients/operator.ts');
  const { controlExplanations } = await import('../clients/explanations.ts');
  const operator = await resolveOperator(options);
  const chosen = await chosenPolicy(file, options);
  return { policyName: chosen.name, explanations: await controlExplanations(operator, controls, place, chosen) };
}

function entriesNamed(name: string, all: readonly CatalogueEntry[]): CatalogueEntry[] {
  const exact = all.filter(
    ({ control, remediation }) => control.toLowerCase() === name.toLowerCase() || remediation === name,
  );
  if (exact.length > 0) return exact;
  const names = controlsOf({ GeneratorId: name });
  return names.kind === 'controls' ? all.filter(({ control }) => names.controls.includes(control)) : [];
}

function unknownNameText(name: string, all: readonly CatalogueEntry[]): string {
  const names = all.flatMap(({ control, remediation, olderNames }) => [control, remediation, ...olderNames]);
  if (isSecurityHubControl(name))
    return `AWS has the control ${name}, but Suture does not handle it. Those that it does: suture catalogue`;
  return [
    `No remediation handles "${name}". The nearest names:`,
    ...likeliest(name, [...new Set(names)]).map((near) => `  ${near}`),
    'All of them: suture catalogue',
  ].join('\n');
}
