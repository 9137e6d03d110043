import type { Risk } from '../../functions/contract/remediation.ts';
import { CIS_VERSIONS, type CisVersion } from '../../functions/domain/benchmarks.ts';
import type { CatalogueEntry } from '../catalogue/catalogue.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption } from '../options/standard.ts';
import { colour, IS_TERMINAL, RISK_COLOURS, table, tabSeparated } from '../output/terminal.ts';

export type CatalogueOptions = {
  readonly json?: boolean;
  readonly service?: string;
  readonly risk?: Risk;
  readonly cis?: CisVersion;
  readonly coverage?: boolean;
};

export default defineCommand<CatalogueOptions>({
  name: 'catalogue',
  heading: 'Build',
  summary: 'list the controls that remediations close',
  options: [
    { flags: '--service <name>', text: 'of one service: ec2' },
    { flags: '--risk <risk>', text: 'of one risk', choices: ['safe', 'disruptive', 'destructive'] },
    { flags: '--cis <version>', text: 'required by this version of the CIS benchmark', choices: CIS_VERSIONS },
    { flags: '--coverage', text: 'instead: the controls of the CIS benchmark that none closes, and why not' },
    jsonOption('a JSON array with all that is known of each'),
  ],
  notes:
    'A table on a terminal, otherwise tab-separated lines. The reason for a control that no remediation closes is one of\n' +
    'three: planned, a person must do it, or Security Hub has retired the control.',
  examples: [
    'suture catalogue --service ec2',
    'suture catalogue --risk safe --cis 3.0',
    'suture catalogue --coverage --cis 5.0',
    "suture catalogue --json | jq -r '.[].control'",
  ],
  run: (options) => catalogueCommand(options),
});

export async function catalogueCommand(options: CatalogueOptions): Promise<string> {
  if (options.coverage) return coverage(options);
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const { byControl } = await import('../catalogue/catalogue.ts');
  const all = await loadCatalogue();
  if (options.service !== undefined) await requireService(options.service, all);
  const matching = all.filter((entry) => matches(entry, options)).toSorted(byControl);
  if (options.json) return JSON.stringify(matching, null, 2);
  const rows = matching.map((entry) => row(entry, options));
  if (!IS_TERMINAL) return tabSeparated(rows);
  const headings = ['control', 'risk', ...(options.cis ? [`CIS ${options.cis}`] : []), 'remediation', 'title'];
  const example = (matching[0] ?? all[0])!.control;
  return [
    table(headings, rows),
    '',
    `${matching.length} of ${all.length} controls. More about one: npm run -s suture -- explain ${example}`,
  ].join('\n');
}

async function coverage({ service, risk, cis, json }: CatalogueOptions): Promise<string> {
  if (service !== undefined || risk !== undefined)
    throw new UsageError('--coverage counts all remediations: of the filters it takes --cis alone.');
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const { benchmarkCoverage, coverageLine } = await import('../catalogue/benchmark-coverage.ts');
  const covered = new Set((await loadCatalogue()).map(({ control }) => control));
  const versions = benchmarkCoverage(covered).filter(({ version }) => cis === undefined || version === cis);
  if (json) return JSON.stringify(versions, null, 2);
  const rows = versions.flatMap(({ version, uncovered }) =>
    uncovered.map(({ control, numbers, kind, because }) => [version, numbers.join(', '), control, kind, because]),
  );
  if (!IS_TERMINAL) return tabSeparated(rows);
  return [
    table(['CIS', 'number', 'control', 'reason', 'because'], rows),
    '',
    ...versions.map((each) => `${coverageLine(each)} are covered.`),
  ].join('\n');
}

/** @throws UsageError with the nearest service */
async function requireService(service: string, all: readonly CatalogueEntry[]): Promise<void> {
  const { suggestion } = await import('../../functions/domain/nearest.ts');
  const services = [...new Set(all.map(({ remediation }) => remediation.split('/')[0]!))];
  const names = [...services, ...all.map(({ control }) => control.split('.')[0]!)];
  if (names.some((name) => isSameWord(name, service))) return;
  throw new UsageError(
    `No remediation is of a service "${service}"${suggestion(service, services) || '.'} There are: ${services.join(', ')}.`,
  );
}

const matches = ({ control, remediation, risk, cis }: CatalogueEntry, wanted: CatalogueOptions) =>
  (!wanted.service ||
    [control.split('.')[0], remediation.split('/')[0]].some((name) => isSameWord(name!, wanted.service!))) &&
  (!wanted.risk || risk === wanted.risk) &&
  (!wanted.cis || cis[wanted.cis] !== undefined);

const isSameWord = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

const row = ({ control, risk, cis, remediation, title }: CatalogueEntry, options: CatalogueOptions) => [
  control,
  colour(RISK_COLOURS[risk], risk),
  ...(options.cis ? [cis[options.cis]!.join(', ')] : []),
  remediation,
  title,
];
