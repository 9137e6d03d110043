import { plainText } from '../../functions/domain/plain-text.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import { approveCommand } from '../../functions/domain/proposal-commands.ts';
import { colour } from '../output/terminal.ts';

/** Lines are never cut: a person approves each of them. */
const MAX_LINE = 100_000;

export function proposalPage({ id, kind, by, at, until, digest, summary, subject, state }: Proposal): string {
  const version = kind === 'policy' ? ` version ${subject.version}` : '';
  const facts = [
    ['proposed', `${at} by ${plainText(by)}`],
    ['until', until],
    ['SHA-256', digest],
    ['state', state],
  ];
  return [
    colour('bold', `${kind}${version}  ${id}`),
    ...facts.map(([name, value]) => `  ${name!.padEnd(8)}  ${value}`),
    ...summary.map((line) => colour('red', `! ${plainText(line, MAX_LINE)}`)),
    '',
  ].join('\n');
}

export const proposedText = (what: string, proposal: Proposal): string =>
  [
    `${what} It is proposed as ${proposal.id}. Somebody else must approve it until ${proposal.until}:`,
    `  ${approveCommand(proposal)}`,
  ].join('\n');
