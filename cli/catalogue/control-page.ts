import type { Permission } from '../../functions/contract/remediation.ts';
import { CIS_VERSIONS } from '../../functions/domain/benchmarks.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';
import { type CatalogueEntry, PERMISSION_KINDS, permissionReason } from './catalogue.ts';
import { README_HEADINGS } from './readme.ts';

/**
 * Returns the facts of one remediation.
 * @param entries the controls of the remediation that the person named
 */
export function controlPage(entries: readonly CatalogueEntry[], all: readonly CatalogueEntry[]): string {
  const entry = entries[0]!;
  const { stackTypes = [] } = entry;
  const others = all.filter((other) => other.remediation === entry.remediation && !entries.includes(other));
  return [
    colour('bold', `${entries.map(({ control }) => control).join(', ')}  ${entry.title}`),
    '',
    factTable({
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
      entry.skips.map(({ law, scenario, because }) => `${law}, when ${scenario}: ${because}`).join('\n'),
    ),
    ...section(
      'Not restored by a rollback',
      entry.lasting.map(({ path, scenario, because }) => `${path}, when ${scenario}: ${because}`).join('\n'),
    ),
    ...section('Older names', entries.flatMap(({ olderNames }) => olderNames).join('\n')),
  ].join('\n');
}

function factTable(values: Readonly<Record<string, string>>): string {
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
