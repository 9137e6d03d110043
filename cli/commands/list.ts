/** `suture list`: findings by where they stand. */

import type { FindingStatus } from '../../functions/domain/ledger.ts';
import type { Listed } from '../../functions/ledger/ledger-queries.ts';
import { type OperatorEnvironment, operatorIn } from '../clients/operator.ts';
import { all, type FilterOptions, filterOf } from '../options/selection.ts';
import { colour, onTerminal, table, tabSeparated } from '../output/terminal.ts';

export type ListOptions = FilterOptions &
  OperatorEnvironment & { readonly json?: boolean; readonly limit?: number; readonly oldestFirst?: boolean };

export async function listCommand({ json, limit = 100, oldestFirst, ...options }: ListOptions): Promise<string> {
  const operator = await operatorIn(options);
  const { status, control, account, resource, remediation, error, since, until } = options;
  const filter = filterOf({ status, control, account, resource, remediation, error, since, until }, operator.now());
  const found: Listed[] = [];
  for await (const listed of all(operator, filter, { oldestFirst })) {
    found.push(listed);
    if (found.length === limit) break;
  }
  if (json) return JSON.stringify(found, null, 2);
  if (!onTerminal) return tabSeparated(found.map(row));
  if (found.length === 0) return 'The ledger knows no such finding.';
  const more = found.length === limit ? `The first ${limit}; --limit shows more. ` : '';
  return [
    table(['status', 'control', 'account', 'changed', 'resource', 'finding', 'why'], found.map(row)),
    '',
    `${more}The whole story of one: npm run -s suture -- show <finding>`,
  ].join('\n');
}

const row = ({ ofStatus, ofControl, ofAccount, changedAt, ofResource, findingId, error, reason }: Listed) => [
  shaded(ofStatus),
  ofControl ?? '-',
  ofAccount ?? '-',
  changedAt,
  ofResource ?? '-',
  findingId,
  error === undefined ? oneLine(reason) : `${error}: ${oneLine(reason)}`,
];

const SHADES: Readonly<Partial<Record<FindingStatus, 'red' | 'green' | 'yellow'>>> = {
  FAILED: 'red',
  FIXED: 'green',
  WAITING: 'yellow',
};
export const shaded = (status: FindingStatus): string => {
  const shade = SHADES[status];
  const name = status.toLowerCase().replaceAll('_', '-');
  return shade ? colour(shade, name) : name;
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
