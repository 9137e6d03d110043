/** `suture catalogue`: the controls that remediations close. */

import type { Risk } from '../../functions/contract/remediation.ts';
import type { CisVersion } from '../../functions/domain/benchmarks.ts';
import { byControl, type CatalogueEntry } from '../catalogue/catalogue.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { colour, onTerminal, SHADE_OF_RISK, table, tabSeparated } from '../output/terminal.ts';

export type CatalogueOptions = {
  readonly json?: boolean;
  readonly service?: string;
  readonly risk?: Risk;
  readonly cis?: CisVersion;
};

export async function catalogueCommand(options: CatalogueOptions): Promise<string> {
  const all = await loadCatalogue();
  const chosen = all.filter((entry) => isChosen(entry, options)).toSorted(byControl);
  if (options.json) return JSON.stringify(chosen, null, 2);
  if (!onTerminal) return tabSeparated(chosen.map((entry) => row(entry, options)));
  const headings = ['control', 'risk', ...(options.cis ? [`CIS ${options.cis}`] : []), 'remediation', 'title'];
  return [
    table(
      headings,
      chosen.map((entry) => row(entry, options)),
    ),
    '',
    `${chosen.length} of ${all.length} controls. More of one: npm run -s suture -- explain ${(chosen[0] ?? all[0])!.control}`,
  ].join('\n');
}

const isChosen = ({ control, remediation, risk, cis }: CatalogueEntry, wanted: CatalogueOptions) =>
  (!wanted.service ||
    [control.split('.')[0], remediation.split('/')[0]].some((name) => sameWord(name!, wanted.service!))) &&
  (!wanted.risk || risk === wanted.risk) &&
  (!wanted.cis || cis[wanted.cis] !== undefined);

const row = ({ control, risk, cis, remediation, title }: CatalogueEntry, options: CatalogueOptions) => [
  control,
  colour(SHADE_OF_RISK[risk], risk),
  ...(options.cis ? [cis[options.cis]!.join(', ')] : []),
  remediation,
  title,
];

const sameWord = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
