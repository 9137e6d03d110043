import type { Proposal, ProposalKind } from './proposal.ts';

export const approveCommand = ({ id }: Pick<Proposal, 'id'>): string => `npm run -s suture -- proposals approve ${id}`;
export const denyCommand = ({ id }: Pick<Proposal, 'id'>): string =>
  `npm run -s suture -- proposals deny ${id} --reason "..."`;

const AGAIN_COMMANDS: Readonly<Record<ProposalKind, (subject: Proposal['subject']) => string>> = {
  policy: ({ version }) => `npm run -s suture -- policy push --version ${version}`,
  resume: () => 'npm run -s suture -- resume --reason "…"',
  'ip-ranges': () => 'npm run -s suture -- ip-ranges propose <file> --reason "…"',
};

/** Returns why nobody can answer the proposal any more; undefined while somebody can. */
export function expiredText({ id, kind, by, until, subject }: Proposal, now: number): string | undefined {
  if (!(now >= Date.parse(until))) return undefined;
  return `Nobody approved proposal ${id} until ${until}. ${by} must propose it again: ${AGAIN_COMMANDS[kind](subject)}`;
}
