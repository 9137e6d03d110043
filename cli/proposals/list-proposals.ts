import { plainText } from '../../functions/domain/plain-text.ts';
import type { Proposal, ProposalKind } from '../../functions/domain/proposal.ts';
import { approveCommand } from '../../functions/domain/proposal-commands.ts';
import type { ProposalApi } from '../clients/proposals.ts';
import type { CommandOption } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { IS_TERMINAL, table, tabSeparated } from '../output/terminal.ts';

export type ProposalsOptions = { readonly all?: boolean; readonly json?: boolean; readonly api?: ProposalApi };

export const PROPOSALS_OPTIONS: readonly CommandOption[] = [
  { flags: '--all', text: 'also the answered and expired ones, of the last fifty' },
  jsonOption('a JSON array with the whole summary of each'),
];
export const PROPOSALS_NOTES =
  'A table on a terminal, otherwise tab-separated lines: id, kind, state, until, by, answered by, summary.';

export async function listProposals(
  kind: ProposalKind | undefined,
  { all, json, api }: ProposalsOptions,
): Promise<string> {
  const { proposalApi } = await import('../clients/proposals.ts');
  const proposals = (await (api ?? (await proposalApi())).list()).filter(
    (proposal) => (kind === undefined || proposal.kind === kind) && (all || waits(proposal)),
  );
  if (json) return JSON.stringify(proposals, null, 2);
  if (!IS_TERMINAL) return tabSeparated(proposals.map(row));
  if (proposals.length === 0) return all ? 'Nothing was proposed.' : 'No proposal waits.';
  const open = proposals.find(waits);
  return [
    table(['id', 'kind', 'state', 'until', 'by', 'answered by', 'summary'], proposals.map(row)),
    ...(open ? ['', `To see one and approve it: ${approveCommand(open)}`] : []),
  ].join('\n');
}

const waits = ({ state, alone }: Proposal): boolean =>
  state === 'open' || (state === 'approved' && alone === undefined);

const row = ({ id, kind, state, until, by, answer, alone, summary }: Proposal): string[] => [
  id,
  kind,
  state,
  until,
  plainText(by),
  answer ? plainText(answer.by) : alone === undefined ? '' : `nobody: ${alone}`,
  plainText(summary.join('; '), 200),
];
