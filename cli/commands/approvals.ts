import type { ApprovalView } from '../../functions/domain/approval.ts';
import { plain } from '../../functions/domain/plain-text.ts';
import { SHORT_ID_DIGITS } from '../approvals/answer-approval.ts';
import type { ApprovalApi } from '../clients/approvals.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { colour, IS_TERMINAL, RISK_COLOURS, table, tabSeparated } from '../output/terminal.ts';

export type ApprovalsOptions = { readonly json?: boolean; readonly api?: ApprovalApi };

export default defineCommand<ApprovalsOptions>({
  name: 'approvals',
  heading: 'Look',
  summary: 'list the changes that wait for approval',
  options: [jsonOption('a JSON array with the whole plan of each')],
  notes: 'A table on a terminal, otherwise tab-separated lines: id, control, risk, account, denied after, change.',
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options) => approvalsCommand(options),
});

/** @throws Failure if there is no API */
export async function approvalsCommand({ json, api }: ApprovalsOptions): Promise<string> {
  const { approvalApi } = await import('../clients/approvals.ts');
  const waiting = await (api ?? (await approvalApi())).list();
  if (json) return JSON.stringify(waiting, null, 2);
  const shown = plain(waiting);
  if (!IS_TERMINAL) return tabSeparated(shown.map(row));
  if (waiting.length === 0) return 'Nothing waits for approval.';
  const shortId = ({ id }: ApprovalView) => id.slice(0, SHORT_ID_DIGITS);
  return [
    table(
      ['id', 'control', 'risk', 'account', 'denied after', 'change'],
      shown.map((approval) => [shortId(approval), ...row(approval).slice(1)]),
    ),
    '',
    `${waiting.length} waiting. To see a plan and answer: npm run -s suture -- approve ${shortId(waiting[0]!)}`,
  ].join('\n');
}

const row = ({ id, control, risk, account, until, summary }: ApprovalView) => [
  id,
  control,
  colour(RISK_COLOURS[risk], risk),
  account,
  until,
  summary,
];
