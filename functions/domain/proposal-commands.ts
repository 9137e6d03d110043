import type { Proposal } from './proposal.ts';

export const approveCommand = ({ id }: Pick<Proposal, 'id'>): string => `npm run -s suture -- proposals approve ${id}`;
export const denyCommand = ({ id }: Pick<Proposal, 'id'>): string =>
  `npm run -s suture -- proposals deny ${id} --reason "..."`;
