import type { Permission } from '../../functions/contract/remediation.ts';
import { CIS_VERSIONS } from '../../functions/domain/benchmarks.ts';
import { controlsOf } from '../../functions/domain/controls.ts';
import { MESSAGE_SEVERITIES } from '../../functions/domain/message-kinds.ts';
import { likeliest } from '../../functions/domain/nearest.ts';
import { isSecurityHubControl } from '../../functions/domain/security-hub-controls.ts';
import { type CatalogueEntry, PERMISSION_KINDS, permissionReason } from '../catalogue/catalogue.ts';
import { README_HEADINGS } from '../catalogue/readme.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import type { ControlPlace } from '../forecast/explanation.ts';
import { jsonOption } from '../options/standard.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';
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

/** A described place needs no directory. */
const asksInstallation = ({ account, policy, ou, severity, tag }: ExplainOptions): boolean =>
  policy === undefined && [account, ou, severity, tag].some((each) => each !== undefined);

/** @throws UsageError with the nearest names if no control, remediation, generator id or finding has this one */
export async function explainCommand(name: string, options: ExplainOptions): Promise<string> {
  const { json, policy } = options;
  if (isFindingName(name)) return explainFindingNamed(name, options);
  const place = placeIn(options);
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const all = await loadCatalogue();
  const entries = entriesNamed(name, all);
  if (entries.length === 0) throw new UsageError(unknownName(name, all));
  const isByPolicy = policy !== undefined || asksInstallation(options);
  const explained = isByPolicy ? await explainControls(entries, place, options) : undefined;
  if (json)
    return JSON.stringify(
      entries.map((entry, n) => ({ ...entry, policy: explained?.explanations[n] })),
      null,
      2,
    );
  const groups = Map.groupBy(entries, ({ remediation }) => remediation).values();
  const pages = [...groups].map((group) => page(group, all));
  if (!explained) return pages.join('\n\n\n');
  const { explanationText } = await import('../forecast/explanation-text.ts');
  const texts = explained.explanations.map((each) => explanationText(each, explained.policyName));
  return [...pages, ...texts].join('\n\n\n');
}

async function explainFindingNamed(name: string, options: ExplainOptions): Promise<string> {
  const { json, policy: file, ...environment } = options;
  const given = (['account', 'ou', 'severity', 'tag'] as const).find((each) => options[each] !== undefined);
  if (given) throw new UsageError(`--${given} is for controls: ${name} is the name of a finding, which has its own.`);
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

/** @throws UsageError */
function placeIn({ account, ou, severity, tag = [], policy }: ExplainOptions): ExplainedPlace {
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

function unknownName(name: string, all: readonly CatalogueEntry[]): string {
  const names = all.flatMap(({ control, remediation, olderNames }) => [control, remediation, ...olderNames]);
  if (isSecurityHubControl(name))
    return `AWS has the control ${name}, but Suture does not handle it. Those that it does: npm run -s suture -- catalogue`;
  return [
    `No remediation handles "${name}". The nearest names:`,
    ...likeliest(name, [...new Set(names)]).map((near) => `  ${near}`),
    'All of them: npm run -s suture -- catalogue',
  ].join('\n');
}

function page(entries: readonly CatalogueEntry[], all: readonly CatalogueEntry[]): string {
  const entry = entries[0]!;
  const { stackTypes = [] } = entry;
  const others = all.filter((other) => other.remediation === entry.remediation && !entries.includes(other));
  return [
    colour('bold', `${entries.map(({ control }) => control).join(', ')}  ${entry.title}`),
    '',
    facts({
      remediation: entry.remediation,
      risk: colour(RISK_COLOURS[entry.risk], entry.risk),
      'also closes': others.map(({ control }) => control).join(', '),
      scope: entry.global ? 'the same in every Region' : '',
      parameters: Object.keys(entry.params).length > 0 ? JSON.stringify(entry.params) : '',
      ...Object.fromEntries(entries.map((each) => [`CIS of ${each.control}`, cisText(each)])),
      'in a stack': stackTypes.length > 0 ? `${stackTypes.join(', ')}: whenManagedBy of policy.yaml decides` : '',
      'session policy': `at most ${entry.sessionPolicy} characters for one target`,
      readme: entry.readme ?? '',
      AWS: entry.documentation,
    }),
    ...section(README_HEADINGS.changes, entry.changes),
    ...section(README_HEADINGS.neverTouches, entry.neverTouches),
    ...section(README_HEADINGS.whenNot, entry.whenNot),
    ...section(README_HEADINGS.undo, entry.undo),
    ...section('Permissions', PERMISSION_KINDS.flatMap((kind) => entry[kind].map(permissionText(kind))).join('\n')),
    ...section('Proven in the sandbox for', entry.scenarios.map(scenarioText).join('\n')),
    ...section(
      'Laws that cannot hold',
      entry.skips.map((skip) => `${skip.law}, when ${skip.scenario}: ${skip.because}`).join('\n'),
    ),
    ...section(
      'Not restored by a rollback',
      entry.lasting.map(({ path, scenario, because }) => `${path}, when ${scenario}: ${because}`).join('\n'),
    ),
    ...section('Older names', entries.flatMap(({ olderNames }) => olderNames).join('\n')),
  ].join('\n');
}

function facts(values: Readonly<Record<string, string>>): string {
  const known = Object.entries(values).filter(([, value]) => value !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

const section = (heading: string, text: string) => (text === '' ? [] : ['', colour('bold', heading), text]);

const permissionText = (kind: (typeof PERMISSION_KINDS)[number]) => (permission: Permission) =>
  `${kind.padEnd(6)}  ${permission.actions.join(', ')} on ${permission.resources.join(', ')}: ${permissionReason(permission)}`;

const scenarioText = ({ name, control, expected }: CatalogueEntry['scenarios'][number]) =>
  `${expected.padEnd(9)}  ${control}, ${name}`;

const cisText = ({ cis }: CatalogueEntry) =>
  CIS_VERSIONS.flatMap((version) => (cis[version] ? [`${cis[version].join(', ')} in ${version}`] : [])).join(', ');
