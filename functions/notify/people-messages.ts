import type { PeopleMessage } from '../domain/people-message.ts';
import { plainMessage } from '../domain/plain-text.ts';
import type { Proposal, ProposalKind } from '../domain/proposal.ts';
import { approveCommand, denyCommand } from '../domain/proposal-commands.ts';
import { type Announcement, joinLines } from './messages.ts';

/** More lines do not help: the command shows all of them. */
const MAX_LINES = 30;

const PROPOSED: Readonly<Record<ProposalKind, string>> = {
  policy: 'a policy',
  resume: 'to end a stop',
  'ip-ranges': 'address ranges',
};

export const peopleMessage = (message: PeopleMessage): Announcement =>
  'proposal' in message ? proposalMessage(message.proposal) : wordsMessage(message);

function proposalMessage(proposal: Proposal): Announcement {
  const { kind, by, until, summary, reason } = proposal;
  const lines = summary.slice(0, MAX_LINES).map((line) => `! ${plainMessage(line)}`);
  const more = summary.length - lines.length;
  return {
    subject: `Suture asks: ${nameOf(by)} proposes ${PROPOSED[kind]}`,
    text: joinLines(
      `${plainMessage(by)} proposes ${PROPOSED[kind]}. Another person must approve it until ${until}:`,
      ...(reason === undefined ? [] : [`Their reason: ${plainMessage(reason)}`]),
      ...lines,
      ...(more > 0 ? [`and ${more} more lines`] : []),
      '',
      `See it all, and approve:  ${approveCommand(proposal)}`,
      `Deny:                     ${denyCommand(proposal)}`,
    ),
  };
}

const wordsMessage = ({ by, at, words }: Exclude<PeopleMessage, { proposal: unknown }>): Announcement => ({
  subject: `Suture: a message of ${nameOf(by)}`,
  text: joinLines(plainMessage(words), '', `${plainMessage(by)} sent this at ${at} with suture announce.`),
});

/** Returns the name of the session or user. */
const nameOf = (arn: string): string => plainMessage(arn.slice(arn.lastIndexOf('/') + 1));
