/** `suture explain`: all there is to know of a control's remediation before it runs. */

import type { Permission } from '../../functions/contract/remediation.ts';
import { CIS_VERSIONS } from '../../functions/domain/benchmarks.ts';
import { controlsOf } from '../../functions/domain/controls.ts';
import { nearest } from '../../functions/domain/nearest.ts';
import type { CatalogueEntry } from '../catalogue/catalogue.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { HEADINGS } from '../catalogue/readme.ts';
import { UsageError } from '../errors/usage-error.ts';
import { colour, SHADE_OF_RISK } from '../output/terminal.ts';

/** @throws UsageError with the nearest names when nothing has this one */
export async function explainCommand(name: string, { json }: { readonly json?: boolean }): Promise<string> {
  const all = await loadCatalogue();
  const found = named(name, all);
  if (found.length === 0) throw new UsageError(unknown(name, all));
  if (json) return JSON.stringify(found, null, 2);
  const pages = Map.groupBy(found, ({ remediation }) => remediation).values();
  return [...pages].map((entries) => explained(entries, all)).join('\n\n\n');
}

/** By control, remediation, or any name under which findings come in. */
function named(name: string, all: readonly CatalogueEntry[]): CatalogueEntry[] {
  const own = all.filter(
    ({ control, remediation }) => control.toLowerCase() === name.toLowerCase() || remediation === name,
  );
  if (own.length > 0) return own;
  const names = controlsOf({ GeneratorId: name });
  return names.kind === 'controls' ? all.filter(({ control }) => names.controls.includes(control)) : [];
}

function unknown(name: string, all: readonly CatalogueEntry[]): string {
  const names = all.flatMap(({ control, remediation, olderNames }) => [control, remediation, ...olderNames]);
  return [
    `No remediation handles "${name}". The nearest names:`,
    ...nearest(name, [...new Set(names)]).map((near) => `  ${near}`),
    'All of them: npm run -s suture -- catalogue',
  ].join('\n');
}

function explained(entries: readonly CatalogueEntry[], all: readonly CatalogueEntry[]): string {
  const entry = entries[0]!;
  const others = all.filter((other) => other.remediation === entry.remediation && !entries.includes(other));
  return [
    colour('bold', `${entries.map(({ control }) => control).join(', ')}  ${entry.title}`),
    '',
    facts({
      remediation: entry.remediation,
      risk: colour(SHADE_OF_RISK[entry.risk], entry.risk),
      'also closes': others.map(({ control }) => control).join(', '),
      scope: entry.global ? 'the same in every Region' : '',
      parameters: Object.keys(entry.params).length > 0 ? JSON.stringify(entry.params) : '',
      ...Object.fromEntries(entries.map((each) => [`CIS of ${each.control}`, cisOf(each)])),
      'session policy': `${entry.sessionPolicy} characters at most for one target`,
      readme: entry.readme,
      AWS: entry.documentation,
    }),
    ...section(HEADINGS.changes, entry.changes),
    ...section(HEADINGS.neverTouches, entry.neverTouches),
    ...section(HEADINGS.whenNot, entry.whenNot),
    ...section(HEADINGS.undo, entry.undo),
    ...section(
      'Permissions',
      [...entry.reads.map(permission('reads')), ...entry.writes.map(permission('writes'))].join('\n'),
    ),
    ...section('Proven in the sandbox for', entry.scenarios.map(proven).join('\n')),
    ...section(
      'Laws that cannot hold',
      entry.skips.map((skip) => `${skip.law}, when ${skip.scenario}: ${skip.because}`).join('\n'),
    ),
    ...section('Older names', entries.flatMap(({ olderNames }) => olderNames).join('\n')),
  ].join('\n');
}

/** Names and values in two columns, without those that have none. */
function facts(of: Readonly<Record<string, string>>): string {
  const known = Object.entries(of).filter(([, value]) => value !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

const section = (heading: string, text: string) => (text === '' ? [] : ['', colour('bold', heading), text]);

const permission = (mode: 'reads' | 'writes') => (need: Permission) =>
  `${mode.padEnd(6)}  ${need.actions.join(', ')} on ${need.resources.join(', ')}: ${need.because}`;

const proven = ({ name, control, expected }: CatalogueEntry['scenarios'][number]) =>
  `${expected.padEnd(9)}  ${control}, ${name}`;

const cisOf = ({ cis }: CatalogueEntry) =>
  CIS_VERSIONS.flatMap((version) => (cis[version] ? [`${cis[version].join(', ')} in ${version}`] : [])).join(', ');
