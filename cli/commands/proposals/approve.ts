import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import {
  ANSWER_PROPOSAL_EXIT_CODES,
  ANSWER_PROPOSAL_NOTES,
  ANSWER_PROPOSAL_OPTIONS,
  type AnswerProposalOptions,
  answerProposal,
  PROPOSAL_ARGUMENT,
} from '../../proposals/answer-proposal.ts';

export default defineCommand<AnswerProposalOptions, [id: string]>({
  name: 'approve',
  summary: 'approve a proposal: shows all that it would change, and asks',
  arguments: [PROPOSAL_ARGUMENT],
  options: ANSWER_PROPOSAL_OPTIONS,
  notes: ANSWER_PROPOSAL_NOTES,
  examples: ['suture proposals approve 692a7f10c0ffee00'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: ANSWER_PROPOSAL_EXIT_CODES,
  run: (options, id) => answerProposal('approve', id, options),
});
