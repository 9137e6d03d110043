import { plainText } from '../../functions/domain/plain-text.ts';
import type { AnswerProposalRequest, Proposal } from '../../functions/domain/proposal.ts';
import { expiredText } from '../../functions/domain/proposal-commands.ts';
import type { PolicyStore } from '../clients/policy.ts';
import type { ProposalApi } from '../clients/proposals.ts';
import type { CommandOption, CommandResult, ExitCodes } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { MIN_PREFIX } from '../names/short-names.ts';
import { jsonOption, YES_OPTION } from '../options/standard.ts';
import { confirm } from '../output/confirm.ts';
import { ipRangesDone } from '../output/ip-ranges.ts';
import { otherChanges } from './other-changes.ts';
import { proposalPage } from './proposal-text.ts';

export type AnswerProposalOptions = {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly api?: ProposalApi;
  readonly policies?: Pick<PolicyStore, 'contentOf'>;
  readonly show?: (text: string) => void;
  readonly announce?: () => Promise<void>;
  readonly now?: () => number;
};

export const PROPOSAL_ARGUMENT = {
  name: '<id>',
  text: 'as the command that proposed it printed it, or its first digits (four or more)',
};
export const ANSWER_PROPOSAL_OPTIONS: readonly CommandOption[] = [
  { flags: '--reason <words>', text: 'why; it is kept with the answer' },
  YES_OPTION,
  jsonOption('one JSON object: proposal, deployment; for address ranges, a JSON array with an object for each target'),
];
export const ANSWER_PROPOSAL_NOTES = `
The person whose credentials sign the request is the one who answers. The person who proposed it may not approve it.
All changes of a policy are shown; those marked ! let Suture write what it may not now.
The answer is for the digest that is shown: if what was proposed, or what is live, has changed, it is refused.`.trim();
export const ANSWER_PROPOSAL_EXIT_CODES: ExitCodes = {
  0: 'the answer was taken, and what was proposed is done',
  1: 'it was not (answered before, too late, not allowed, outdated)',
  2: 'wrong usage or nobody to ask',
};

/** @throws Failure if the answer is refused */
export async function answerProposal(
  answer: AnswerProposalRequest['answer'],
  id: string,
  { json, api: injectedApi, reason, yes, show, policies, announce, now = Date.now }: AnswerProposalOptions,
): Promise<string | CommandResult> {
  await announce?.();
  const { proposalApi } = await import('../clients/proposals.ts');
  const api = injectedApi ?? (await proposalApi());
  const proposal = await api.show(await wholeId(id, api));
  requireUnanswered(proposal);
  const expired = expiredText(proposal, now());
  if (expired) throw new Failure(plainText(expired));
  if (!json && show) {
    const others = otherChanges(proposal, policies);
    // A version that is gone can still be denied.
    show(proposalPage(proposal, await (answer === 'deny' ? others.catch(() => []) : others)));
  }
  // The proposal comes first, because a person who may not answer may read it.
  if (!yes) await api.requirePermission(proposal.id);
  await confirm(answer === 'approve' ? 'Approve this proposal?' : 'Deny this proposal?', {
    yes,
    refusal: 'Nothing was answered.',
  });
  const reply = await api.answer(proposal.id, { answer, digest: proposal.digest, reason });
  if (reply.request !== undefined) return ipRangesDone(await api.rangesResult(reply.request), json);
  if (json) return JSON.stringify(reply, null, 2);
  const by = plainText(reply.proposal.answer?.by ?? '');
  if (answer === 'deny') return `Denied by ${by}. Nothing was changed.`;
  if (reply.deployment === undefined) return `Approved by ${by}, and done.`;
  return [
    `Approved by ${by}. Version ${proposal.subject.version} is deployed (deployment ${reply.deployment}); every function reads it within a minute, and an execution that a person starts at once.`,
    'If cdk.json still has bootstrap, remove it.',
  ].join('\n');
}

/** @throws Failure as the API does, before anybody is asked */
function requireUnanswered({ id, state, by, at, answer, alone }: Proposal): void {
  if (state !== 'done' && state !== 'denied' && alone === undefined) return;
  const how = answer
    ? `${state === 'denied' ? '' : ': approved'} by ${plainText(answer.by)} at ${answer.at}`
    : `: ${plainText(by)} needed nobody else at ${at}`;
  throw new Failure(`Proposal ${id} is ${state}${how}. See what waits: suture proposals list`);
}

/**
 * Returns the id of the proposal that begins with these digits; the API says that there is none.
 * @throws UsageError if several begin with them
 */
async function wholeId(digits: string, api: ProposalApi): Promise<string> {
  if (digits.length < MIN_PREFIX || /^[0-9a-f]{16}$/.test(digits)) return digits;
  const ids = (await api.list()).map(({ id }) => id);
  const matches = ids.filter((id) => id.startsWith(digits));
  if (matches.length === 0) return digits;
  if (matches.length === 1) return matches[0]!;
  throw new UsageError(`"${digits}" names ${matches.length} proposals. Give one of: ${matches.join(', ')}.`);
}
