import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import {
  listProposals,
  PROPOSALS_NOTES,
  PROPOSALS_OPTIONS,
  type ProposalsOptions,
} from '../../proposals/list-proposals.ts';

export default defineCommand<ProposalsOptions>({
  name: 'list',
  summary: 'list what waits for a second person',
  options: PROPOSALS_OPTIONS,
  notes: PROPOSALS_NOTES,
  examples: ['suture proposals list'],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options) => listProposals(undefined, options),
});
