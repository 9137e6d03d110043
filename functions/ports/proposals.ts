import type { Proposal, ProposalAnswer } from '../domain/proposal.ts';

/** Each change of a proposal has a line in the audit trail, written in the same transaction. */
export type Proposals = {
  add(proposal: Proposal): Promise<void>;
  find(id: string): Promise<Proposal | undefined>;
  /** Newest first, at most fifty. */
  recent(): Promise<Proposal[]>;
  /**
   * Stores the first answer to an open proposal. The person who approved it may do so again until it is done. Returns
   * false if somebody else has answered.
   */
  answer(proposal: Proposal, state: 'approved' | 'denied', answer: ProposalAnswer): Promise<boolean>;
  finish(proposal: Proposal, by: string, at: string): Promise<void>;
};
