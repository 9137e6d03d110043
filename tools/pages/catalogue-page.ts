import { type BenchmarkCoverage, coverageLine } from '../../cli/catalogue/benchmark-coverage.ts';
import { byControl, type CatalogueEntry, PERMISSION_KINDS, permissionReason } from '../../cli/catalogue/catalogue.ts';
import { CIS_VERSIONS } from '../../functions/domain/benchmarks.ts';
import { SESSION_POLICY_LIMIT } from '../../functions/domain/permissions.ts';
import { code, link, markdownTable, NOTICE, page } from './markdown.ts';

export function cataloguePage(entries: readonly CatalogueEntry[], coverage: readonly BenchmarkCoverage[]): string {
  const byRemediation = Map.groupBy(entries, ({ remediation }) => remediation);
  return page([
    '# Catalogue',
    NOTICE,
    `${entries.length} controls, closed by ${byRemediation.size} remediations. A *safe* one cannot change what a running ` +
      'workload or a person can do; a *disruptive* one may; a *destructive* one loses something permanently. What policy does ' +
      'not name is off.',
    summary(entries),
    benchmarks(coverage),
    ...[...byRemediation.values()].map(section),
  ]);
}

function summary(entries: readonly CatalogueEntry[]): string {
  const rows = entries
    .toSorted(byControl)
    .map(({ control, documentation, remediation, title, risk, cis }) => [
      link(control, documentation),
      link(title, `#${anchor(remediation)}`),
      risk,
      ...CIS_VERSIONS.map((version) => cis[version]?.join(', ') ?? ''),
    ]);
  return markdownTable(['Control', 'Remediation', 'Risk', ...CIS_VERSIONS.map((version) => `CIS ${version}`)], rows);
}

/** Returns one row for each control that no remediation closes. Its reason is the same in every CIS version. */
function benchmarks(coverage: readonly BenchmarkCoverage[]): string {
  const uncovered = coverage.flatMap((each) =>
    each.uncovered.map((control) => ({ ...control, version: each.version })),
  );
  const rows = [...Map.groupBy(uncovered, ({ control }) => control).values()]
    .map((versions) => ({ ...versions[0]!, versions }))
    .toSorted(byControl)
    .map(({ control, documentation, kind, because, versions }) => [
      link(control, documentation),
      ...CIS_VERSIONS.map((version) => versions.find((each) => each.version === version)?.numbers.join(', ') ?? ''),
      kind,
      because,
    ]);
  return page([
    '## CIS benchmarks',
    `Of the controls by which Security Hub checks the CIS AWS Foundations Benchmark, remediations close:`,
    coverage.map((each) => `- ${coverageLine(each)}`).join('\n'),
    'The others are *planned*, take a *person*, or are *retired*:',
    markdownTable(['Control', ...CIS_VERSIONS.map((version) => `CIS ${version}`), 'Reason', 'Because'], rows),
  ]).trimEnd();
}

function section(entries: readonly CatalogueEntry[]): string {
  const [entry] = entries;
  const { remediation, title, risk, global, changes, undo, params, sessionPolicy, scenarios, skips, lasting, readme } =
    entry!;
  const controls = entries.map(({ control, documentation }) => link(control, documentation)).join(', ');
  return page([
    `## ${remediation}`,
    `**${title}** · ${controls} · ${risk}${global ? ' · the same in every Region' : ''} · ${link('readme', `../../${readme}`)}`,
    changes,
    undo && `**Undo.** ${undo}`,
    permissions(entry!),
    `Its session policy has at most ${sessionPolicy} of ${SESSION_POLICY_LIMIT} characters for one target.`,
    Object.keys(params).length > 0 ? `**Parameters**, with their defaults: ${code(JSON.stringify(params))}` : undefined,
    `**Proven** in the sandbox for:`,
    scenarios.map(({ name, control, expected }) => `- ${control}, ${name}: ${expected}`).join('\n'),
    skips.length > 0 ? skipped(skips) : undefined,
    lasting.length > 0 ? notRestored(lasting) : undefined,
    olderNames(entries),
  ]).trimEnd();
}

const permissions = (entry: CatalogueEntry) =>
  markdownTable(
    ['', 'Actions', 'On', 'Because'],
    PERMISSION_KINDS.flatMap((kind) =>
      entry[kind].map((permission) => [
        kind,
        permission.actions.map(code).join(', '),
        permission.resources.map(code).join(', '),
        permissionReason(permission),
      ]),
    ),
  );

const skipped = (skips: CatalogueEntry['skips']) =>
  [
    '**Laws that cannot hold:**',
    '',
    ...skips.map((skip) => `- ${skip.law}, when ${skip.scenario}: ${skip.because}`),
  ].join('\n');

const notRestored = (lasting: CatalogueEntry['lasting']) =>
  [
    '**Not restored by a rollback:**',
    '',
    ...lasting.map(({ path, scenario, because }) => `- ${code(path)}, when ${scenario}: ${because}`),
  ].join('\n');

function olderNames(entries: readonly CatalogueEntry[]): string | undefined {
  const renamed = entries.filter(({ olderNames }) => olderNames.length > 0);
  if (renamed.length === 0) return undefined;
  const lines = renamed.map(({ control, olderNames }) => `- ${control}: ${olderNames.map(code).join(', ')}`);
  return ['**Older names** under which findings come in:', '', ...lines].join('\n');
}

/** GitHub's anchor: lower case, no slash. */
const anchor = (heading: string) => heading.replaceAll('/', '');
