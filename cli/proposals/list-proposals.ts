import { plainText } from '../../functions/domain/plain-text.ts';
import type { Proposal, ProposalKind } from '../../functions/domain/proposal.ts';
import { approveCommand } from '../../functions/domain/proposal-commands.ts';
import type { ProposalApi } from '../clients/proposals.ts';
import type { CommandOption } from '../command.ts';
import { jsonOption } from '../options/standard.ts';
import { ageText } from '../output/age.ts';
import { type Listing, listText, OUTPUT_NOTES, OUTPUT_OPTION, type OutputOptions } from '../output/listing.ts';

export type ProposalsOptions = OutputOptions & {
  readonly all?: boolean;
  readonly api?: ProposalApi;
  readonly now?: () => number;
};

export const PROPOSALS_OPTIONS: readonly CommandOption[] = [
  { flags: '--all', text: 'also the answered and expired ones, of the last fifty' },
  OUTPUT_OPTION,
  jsonOption('a JSON array with the whole summary of each, like -o json'),
];
export const PROPOSALS_NOTES = `${OUTPUT_NOTES} The lines have id, kind,\nstate, until, by, answered by, summary, reason.`;

export async function listProposals(
  kind: ProposalKind | undefined,
  { all, api, now = Date.now, ...output }: ProposalsOptions,
): Promise<string> {
  const { proposalApi } = await import('../clients/proposals.ts');
  const proposals = (await (api ?? (await proposalApi())).list()).filter(
    (proposal) => (kind === undefined || proposal.kind === kind) && (all || waits(proposal)),
  );
  const open = proposals.find(waits);
  const footer = open ? [`To see one and approve it: ${approveCommand(open)}`] : [];
  const nothing = all ? 'Nothing was proposed.' : 'No proposal waits.';
  return listText(proposals, { ...listing(now()), nothing, footer }, output);
}

const waits = ({ state, alone }: Proposal): boolean =>
  state === 'open' || (state === 'approved' && alone === undefined);

function answeredBy({ answer, alone }: Proposal): string {
  if (answer) return plainText(answer.by);
  return alone === undefined ? '' : `nobody: ${alone}`;
}

const summaryOf = ({ summary }: Proposal): string => plainText(summary.join('; '), 200);

const listing = (now: number): Omit<Listing<Proposal>, 'nothing' | 'footer'> => ({
  columns: [
    { heading: 'id', value: ({ id }) => id },
    { heading: 'kind', value: ({ kind }) => kind },
    { heading: 'state', value: ({ state }) => state },
    { heading: 'left', value: (proposal) => (waits(proposal) ? ageText(proposal.until, now) : '-') },
    { heading: 'by', value: ({ by }) => by, cut: { side: 'start', min: 8 } },
    { heading: 'answered by', value: answeredBy, cut: { side: 'start', min: 11 }, dropped: 2 },
    { heading: 'summary', value: summaryOf, cut: { side: 'end', min: 12 }, dropped: 1 },
  ],
  fields: {
    id: ({ id }) => id,
    kind: ({ kind }) => kind,
    state: ({ state }) => state,
    until: ({ until }) => until,
    by: ({ by }) => by,
    'answered by': answeredBy,
    summary: ({ summary }) => summary.join('; '),
    reason: ({ reason }) => reason ?? '',
  },
  line: (proposal) => [
    proposal.id,
    proposal.kind,
    proposal.state,
    proposal.until,
    plainText(proposal.by),
    answeredBy(proposal),
    summaryOf(proposal),
    plainText(proposal.reason ?? ''),
  ],
  name: ({ id }) => id,
});
