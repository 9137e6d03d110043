import { plain } from '../../functions/domain/plain-text.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import type { FilterOptions } from '../clients/findings.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { FILTER_OPTIONS, jsonOption, TIME_FORMS } from '../options/standard.ts';
import { parseWholeNumber } from '../options/whole-number.ts';
import { statusText } from '../output/finding-status.ts';
import { IS_TERMINAL, table, tabSeparated } from '../output/terminal.ts';

export type ListOptions = FilterOptions &
  OperatorEnvironment & { readonly json?: boolean; readonly limit?: number; readonly oldestFirst?: boolean };

export default defineCommand<ListOptions>({
  name: 'list',
  heading: 'Look',
  summary: 'list findings by status, the newest change first',
  options: [
    ...FILTER_OPTIONS,
    {
      flags: '--status <status>',
      text: 'open, waiting, failed, fixed, compliant, refused, planned, archived, ignored, rejected, rolled-back',
    },
    { flags: '--resource <id>', text: 'of one resource' },
    { flags: '--remediation <id>', text: 'of one remediation: ec2/close-admin-ports' },
    { flags: '--error <name>', text: 'that failed with one error' },
    { flags: '--until <when>', text: `changed before: ${TIME_FORMS}` },
    { flags: '--limit <number>', text: 'at most this many', parse: parseWholeNumber, default: 100 },
    { flags: '--oldest-first', text: 'the oldest change first' },
    jsonOption('a JSON array'),
  ],
  notes: `
A table on a terminal, otherwise tab-separated lines: status, control, account, changed, resource, finding, why. The list
includes what was ignored, rejected or archived.`.trim(),
  examples: ['suture list --status failed --since 2h', 'suture list --account 333333333333 --control EC2.13'],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was listed', 1: 'it failed', 2: 'wrong usage' },
  run: (options) => listCommand(options),
});

/** @throws UsageError if a filter has a wrong form */
export async function listCommand({ json, limit = 100, oldestFirst, ...options }: ListOptions): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { listFindings, parseFilter } = await import('../clients/findings.ts');
  const operator = await resolveOperator(options);
  const { status, control, account, resource, remediation, error, since, until } = options;
  const filter = parseFilter({ status, control, account, resource, remediation, error, since, until }, operator.now());
  const findings: LedgerListItem[] = [];
  for await (const finding of listFindings(operator, filter, { oldestFirst })) {
    findings.push(finding);
    if (findings.length === limit) break;
  }
  if (json) return JSON.stringify(findings, null, 2);
  const rows = plain(findings).map(row);
  if (!IS_TERMINAL) return tabSeparated(rows);
  if (findings.length === 0) return 'The ledger has no such finding.';
  const more = findings.length === limit ? `The first ${limit}; --limit shows more. ` : '';
  return [
    table(['status', 'control', 'account', 'changed', 'resource', 'finding', 'why'], rows),
    '',
    `${more}The history of one: npm run -s suture -- show <finding>`,
  ].join('\n');
}

const row = ({ ofStatus, ofControl, ofAccount, changedAt, ofResource, findingId, error, reason }: LedgerListItem) => [
  statusText(ofStatus),
  ofControl ?? '-',
  ofAccount ?? '-',
  changedAt,
  ofResource ?? '-',
  findingId,
  error === undefined ? oneLine(reason) : `${error}: ${oneLine(reason)}`,
];

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
