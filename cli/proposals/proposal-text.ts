import { plainText } from '../../functions/domain/plain-text.ts';
import type { PolicyChange } from '../../functions/domain/policy-mode-changes.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import { approveCommand } from '../../functions/domain/proposal-commands.ts';
import { countText } from '../output/count-text.ts';
import { colour } from '../output/terminal.ts';

/** Lines are never cut: a person approves each of them. */
const MAX_LINE = 100_000;

/** @param others changes of the proposed policy that the summary does not have */
export function proposalPage(proposal: Proposal, others: readonly PolicyChange[] = []): string {
  const { id, kind, by, at, until, digest, summary, subject, state } = proposal;
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
    ...summary.map((line) => lineOf(line, true)),
    ...others.map(({ text, widens }) => lineOf(text, widens)),
    ...(others.length > 0
      ? [`${countText(summary.length + others.length, 'change')}; approval makes all of them.`]
      : []),
    '',
  ].join('\n');
}

const lineOf = (text: string, widens: boolean): string => {
  const plain = plainText(text, MAX_LINE);
  return widens ? colour('red', `! ${plain}`) : `  ${plain}`;
};

export const proposedText = (what: string, proposal: Proposal): string =>
  [
    `${what} It is proposed as ${proposal.id}. Somebody else must approve it until ${proposal.until}:`,
    `  ${approveCommand(proposal)}`,
  ].join('\n');
