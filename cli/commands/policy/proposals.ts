import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import {
  listProposals,
  PROPOSALS_NOTES,
  PROPOSALS_OPTIONS,
  type ProposalsOptions,
} from '../../proposals/list-proposals.ts';

export default defineCommand<ProposalsOptions>({
  name: 'proposals',
  summary: 'list the policies that wait for a second person',
  options: PROPOSALS_OPTIONS,
  notes: PROPOSALS_NOTES,
  examples: ['suture policy proposals'],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options) => listProposals('policy', options),
});
