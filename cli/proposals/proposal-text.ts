import { plainText } from '../../functions/domain/plain-text.ts';
import type { PolicyChange } from '../../functions/domain/policy-mode-changes.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import { approveCommand } from '../../functions/domain/proposal-commands.ts';
import { changeLine } from '../output/change-line.ts';
import { countText } from '../output/count-text.ts';
import { colour } from '../output/terminal.ts';

/** @param others changes of the proposed policy that the summary does not have */
export function proposalPage(proposal: Proposal, others: readonly PolicyChange[] = []): string {
  const { id, kind, by, at, until, digest, summary, subject, state, reason } = proposal;
  const version = kind === 'policy' ? ` version ${subject.version}` : '';
  const facts = [
    ['proposed', `${at} by ${plainText(by)}`],
    ...(reason === undefined ? [] : [['reason', plainText(reason)]]),
    ['until', until],
    ['SHA-256', digest],
    ['state', state],
  ];
  return [
    colour('bold', `${kind}${version}  ${id}`),
    ...facts.map(([name, value]) => `  ${name!.padEnd(8)}  ${value}`),
    ...summary.map((line) => changeLine(line, true)),
    ...others.map(({ text, widens }) => changeLine(text, widens)),
    ...(others.length > 0
      ? [`${countText(summary.length + others.length, 'change')}; approval makes all of them.`]
      : []),
    '',
  ].join('\n');
}

export const proposedText = (what: string, proposal: Proposal): string =>
  [
    `${what} It is proposed as ${proposal.id}. Somebody else must approve it until ${proposal.until}:`,
    `  ${approveCommand(proposal)}`,
  ].join('\n');
