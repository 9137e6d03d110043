import type { Risk } from '../../functions/contract/remediation.ts';
import { CIS_VERSIONS, type CisVersion } from '../../functions/domain/benchmarks.ts';
import type { UncoveredControl } from '../catalogue/benchmark-coverage.ts';
import type { CatalogueEntry } from '../catalogue/catalogue.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption } from '../options/standard.ts';
import { type Listing, listText, OUTPUT_NOTES, OUTPUT_OPTION, type OutputOptions } from '../output/listing.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';

export type CatalogueOptions = OutputOptions & {
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
    OUTPUT_OPTION,
    jsonOption('a JSON array with all that is known of each, like -o json'),
  ],
  notes: `${OUTPUT_NOTES} The reason for a control that no\nremediation closes is one of three: planned, a person must do it, or Security Hub has retired the control.`,
  examples: [
    'suture catalogue --service ec2',
    'suture catalogue --risk safe --cis 3.0',
    'suture catalogue --coverage --cis 5.0',
    "suture catalogue --json | jq -r '.[].control'",
  ],
  run: (options) => catalogueCommand(options),
});

export async function catalogueCommand(options: CatalogueOptions): Promise<string> {
  if (options.coverage) return coverageList(options);
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const { byControl } = await import('../catalogue/catalogue.ts');
  const all = await loadCatalogue();
  if (options.service !== undefined) await requireService(options.service, all);
  const matching = all.filter((entry) => matches(entry, options)).toSorted(byControl);
  const example = (matching[0] ?? all[0])!.control;
  const footer = [`${matching.length} of ${all.length} controls. More about one: suture explain ${example}`];
  return listText(matching, { ...catalogueListing(options), footer }, options);
}

async function coverageList({ service, risk, cis, ...output }: CatalogueOptions): Promise<string> {
  if (service !== undefined || risk !== undefined)
    throw new UsageError('--coverage counts all remediations: of the filters it takes --cis alone.');
  const { loadCatalogue } = await import('../catalogue/load.ts');
  const { benchmarkCoverage, coverageLine } = await import('../catalogue/benchmark-coverage.ts');
  const covered = new Set((await loadCatalogue()).map(({ control }) => control));
  const versions = benchmarkCoverage(covered).filter(({ version }) => cis === undefined || version === cis);
  if (output.json || output.output === 'json') return JSON.stringify(versions, null, 2);
  const rows = versions.flatMap(({ version, uncovered }) => uncovered.map((control) => ({ version, ...control })));
  const footer = versions.map((each) => `${coverageLine(each)} are covered.`);
  return listText(rows, { ...UNCOVERED, footer }, output);
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

/** In a narrow terminal, the title is below: people copy the remediation's name. */
export const catalogueListing = ({ cis: version }: CatalogueOptions): Listing<CatalogueEntry> => {
  const numbersOf = ({ cis }: CatalogueEntry) => (version ? (cis[version] ?? []).join(', ') : '');
  return {
    columns: [
      { heading: 'control', value: ({ control }) => control },
      {
        heading: 'risk',
        value: ({ risk }) => risk,
        paint: (shown, whole) => colour(RISK_COLOURS[whole as Risk], shown),
      },
      ...(version ? [{ heading: `CIS ${version}`, value: numbersOf }] : []),
      { heading: 'remediation', value: ({ remediation }) => remediation },
      { heading: 'title', value: ({ title }) => title, cut: { side: 'end', min: 30 }, dropped: 1, below: true },
    ],
    fields: {
      control: ({ control }) => control,
      risk: ({ risk }) => risk,
      ...(version && { [`CIS ${version}`]: numbersOf }),
      remediation: ({ remediation }) => remediation,
      title: ({ title }) => title,
    },
    line: (entry) => [
      entry.control,
      entry.risk,
      ...(version ? [numbersOf(entry)] : []),
      entry.remediation,
      entry.title,
    ],
    name: ({ control }) => control,
    nothing: 'No remediation closes such a control.',
  };
};

type UncoveredLine = { readonly version: CisVersion } & UncoveredControl;

const UNCOVERED: Listing<UncoveredLine> = {
  columns: [
    { heading: 'CIS', value: ({ version }) => version },
    { heading: 'number', value: ({ numbers }) => numbers.join(', ') },
    { heading: 'control', value: ({ control }) => control },
    { heading: 'reason', value: ({ kind }) => kind },
    { heading: 'because', value: ({ because }) => because, cut: { side: 'end', min: 20 } },
  ],
  fields: {
    CIS: ({ version }) => version,
    number: ({ numbers }) => numbers.join(', '),
    control: ({ control }) => control,
    reason: ({ kind }) => kind,
    because: ({ because }) => because,
  },
  line: ({ version, numbers, control, kind, because }) => [version, numbers.join(', '), control, kind, because],
  name: ({ control }) => control,
  nothing: 'Remediations close every control that this benchmark names.',
};
