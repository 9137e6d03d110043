/** Stores a proposal and tells the people who may approve it. */
import { randomBytes } from 'node:crypto';
import { type Proposal, proposalId, proposalUntil } from '../domain/proposal.ts';
import type { TellPeople } from '../ports/people.ts';
import type { Proposals } from '../ports/proposals.ts';

export type ProposeDeps = {
  readonly now: () => number;
  readonly proposals: Proposals;
  /** The context says that nobody else could approve. */
  readonly onePerson: boolean;
  readonly tellPeople: TellPeople;
};

export type ProposedContent = Pick<Proposal, 'kind' | 'digest' | 'summary' | 'subject' | 'reason'>;

function newProposal(content: ProposedContent, by: string, now: number): Proposal {
  return {
    id: proposalId(now, randomBytes(4).toString('hex')),
    ...content,
    by,
    at: new Date(now).toISOString(),
    until: proposalUntil(now),
    state: 'open',
  };
}

/** Stores a proposal and tells people. If nobody could be told, it stands nevertheless: `proposals list` has it. */
export async function propose(
  content: ProposedContent,
  by: string,
  { now, proposals, tellPeople }: ProposeDeps,
): Promise<Proposal> {
  const proposal = newProposal(content, by, now());
  await proposals.add(proposal);
  await tellPeople({ proposal }).catch(() => undefined);
  return proposal;
}

/** Does work that one person may do alone, and records it before and after. `alone`: why nobody else had to approve. */
export async function doAlone<T>(
  content: ProposedContent,
  alone: string,
  by: string,
  { now, proposals }: ProposeDeps,
  work: () => Promise<T>,
): Promise<T> {
  const recorded: Proposal = { ...newProposal(content, by, now()), state: 'approved', alone };
  await proposals.add(recorded);
  const result = await work();
  await proposals.finish(recorded, by, new Date(now()).toISOString());
  return result;
}
