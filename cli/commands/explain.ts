import type { Permission } from '../../functions/contract/remediation.ts';
import { CIS_VERSIONS } from '../../functions/domain/benchmarks.ts';
import { controlsOf } from '../../functions/domain/controls.ts';
import { nearest } from '../../functions/domain/nearest.ts';
import { isSecurityHubControl } from '../../functions/domain/security-hub-controls.ts';
import { type CatalogueEntry, PERMISSION_KINDS, permissionReason } from '../catalogue/catalogue.ts';
import { README_HEADINGS } from '../catalogue/readme.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption } from '../options/standard.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';

export type ExplainOptions = { readonly json?: boolean };

export default defineCommand<ExplainOptions, [name: string]>({
  name: 'explain',
  heading: 'Build',
  summary: 'explain what the remediation of a control does and needs, and how to undo it',
  arguments: [{ name: '<name>', text: "a control, a remediation, or a finding's generator id" }],
  options: [jsonOption('a JSON array with all that is known')],
  examples: [
    'suture explain EC2.13',
    'suture explain ec2/close-admin-ports',
    'suture explain cis-aws-foundations-benchmark/v/1.4.0/2.2.1',
  ],
  run: (options, name) => explainCommand(name, options),
});

/** @throws UsageError with the nearest names if no control, remediation or generator id has this one */
export async function explainCommand(name: string, { json }: ExplainOptions): Promise<string> {
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const all = await loadCatalogue();
  const entries = entriesNamed(name, all);
  if (entries.length === 0) throw new UsageError(unknownName(name, all));
  if (json) return JSON.stringify(entries, null, 2);
  const groups = Map.groupBy(entries, ({ remediation }) => remediation).values();
  return [...groups].map((group) => page(group, all)).join('\n\n\n');
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
    ...nearest(name, [...new Set(names)]).map((near) => `  ${near}`),
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
      readme: entry.readme,
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
