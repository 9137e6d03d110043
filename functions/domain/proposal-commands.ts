import type { Proposal } from './proposal.ts';

export const approveCommand = ({ kind, id }: Pick<Proposal, 'kind' | 'id'>): string =>
  `npm run -s suture -- ${kind === 'policy' ? 'policy approve' : 'proposals approve'} ${id}`;
