import type { Proposal, ProposalKind } from './proposal.ts';

export const approveCommand = ({ id }: Pick<Proposal, 'id'>): string => `suture proposals approve ${id}`;
export const denyCommand = ({ id }: Pick<Proposal, 'id'>): string => `suture proposals deny ${id} --reason "..."`;

const AGAIN_COMMANDS: Readonly<Record<ProposalKind, (subject: Proposal['subject']) => string>> = {
  policy: ({ version }) => `suture policy push --version ${version}`,
  resume: () => 'suture resume --reason "…"',
  'ip-ranges': () => 'suture ip-ranges propose <file> --reason "…"',
};

/** Returns why nobody can answer the proposal any more; undefined while somebody can. */
export function expiredText({ id, kind, by, until, subject }: Proposal, now: number): string | undefined {
  if (!(now >= Date.parse(until))) return undefined;
  return `Nobody approved proposal ${id} until ${until}. ${by} must propose it again: ${AGAIN_COMMANDS[kind](subject)}`;
}
