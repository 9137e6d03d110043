import { plain } from '../../functions/domain/plain-text.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import type { SuppressionLine } from '../clients/suppressions.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { IS_TERMINAL, table, tabSeparated } from '../output/terminal.ts';

export type SuppressionsOptions = OperatorEnvironment & { readonly json?: boolean };

export default defineCommand<SuppressionsOptions>({
  name: 'suppressions',
  heading: 'Look',
  summary: 'list what each suppression archives, since when, and until when',
  options: [jsonOption('a JSON array')],
  notes: `
A suppression that has ended, or that the policy has no more, is listed while it still holds findings. Every hour they go back
to NEW, up to 2,000 an hour, unless another suppression applies. A note that somebody has written stays.`.trim(),
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was listed', 1: 'it failed', 2: 'wrong usage' },
  run: (options) => suppressionsCommand(options),
});

export async function suppressionsCommand({ json, ...environment }: SuppressionsOptions): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { listSuppressions } = await import('../clients/suppressions.ts');
  const lines = await listSuppressions(await resolveOperator(environment));
  if (json) return JSON.stringify(lines, null, 2);
  const rows = plain(lines).map(row);
  if (!IS_TERMINAL) return tabSeparated(rows);
  if (rows.length === 0) return 'The policy has no suppressions, and none holds findings.';
  return table(['suppression', 'state', 'findings', 'since', 'until', 'owner', 'reason'], rows);
}

const row = ({ id, state, holds, since, until, owner, reason }: SuppressionLine): string[] => [
  id,
  state,
  String(holds),
  since ?? '',
  until ?? '',
  owner ?? '',
  reason ?? '',
];
