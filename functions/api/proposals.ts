/** Answers to proposals. Somebody else than the proposer approves; then the API does exactly what was proposed. */
import {
  AnswerProposalRequest,
  type Proposal,
  type ProposalAnswer,
  ProposalId,
  type ProposalKind,
} from '../domain/proposal.ts';
import { approveCommand, expiredText } from '../domain/proposal-commands.ts';
import { isSamePerson } from '../domain/same-person.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { applyProposed, type IpRangesDeps } from './ip-ranges.ts';
import { deployProposed, type PolicyDeps } from './policy.ts';
import { resumeProposed, type StopDeps } from './stops.ts';

export type ProposalDeps = PolicyDeps & StopDeps & IpRangesDeps;

/**
 * Checks that the proposal still holds, calls `approve`, which stores the answer, and does it. It may run again after a
 * crash at any call.
 */
type ProposedAction = (
  proposal: Proposal,
  actor: string,
  approve: () => Promise<void>,
  deps: ProposalDeps,
) => Promise<object>;

const PROPOSED_ACTIONS: Readonly<Record<ProposalKind, ProposedAction>> = {
  policy: deployProposed,
  resume: resumeProposed,
  'ip-ranges': applyProposed,
};

const LIST_COMMAND = 'suture proposals list';

export const proposalList: ApiAction<ProposalDeps> = async (_request, _actor, { proposals }) => ({
  proposals: await proposals.recent(),
});

export const proposalDetail: ApiAction<ProposalDeps> = async ({ pathParameters }, _actor, deps) => ({
  proposals: [await existing(pathParameters?.id, deps)],
});

export const proposalAnswer: ApiAction<ProposalDeps> = async (request, actor, deps) => {
  const { answer, digest, reason } = parseBody(AnswerProposalRequest, request);
  const proposal = await existing(request.pathParameters?.id, deps);
  requireAnswerable(proposal, digest, deps.now());
  const ownAnswer: ProposalAnswer = { by: actor, at: new Date(deps.now()).toISOString(), ...(reason && { reason }) };
  const store = async (state: 'approved' | 'denied') => {
    if (!(await deps.proposals.answer(proposal, state, ownAnswer)))
      throw new Refused(409, `Somebody else has answered proposal ${proposal.id}. See how: ${LIST_COMMAND}`);
  };
  if (answer === 'deny') {
    await store('denied');
    return { proposal: { ...proposal, state: 'denied', answer: ownAnswer } satisfies Proposal };
  }
  if (isSamePerson(proposal.by, actor))
    throw new Refused(403, `${proposal.by} proposed it. Somebody else must approve it: ${approveCommand(proposal)}`);
  const result = await PROPOSED_ACTIONS[proposal.kind](proposal, actor, () => store('approved'), deps);
  const done: Proposal = { ...proposal, state: 'done', answer: proposal.answer ?? ownAnswer };
  await deps.proposals.finish(done, actor, ownAnswer.at);
  return { proposal: done, ...result };
};

async function existing(id: string | undefined, { proposals }: ProposalDeps): Promise<Proposal> {
  const proposal = ProposalId.safeParse(id).success ? await proposals.find(id!) : undefined;
  if (proposal) return proposal;
  throw new Refused(404, `There is no proposal ${id}. List them: ${LIST_COMMAND}`);
}

function requireAnswerable(proposal: Proposal, digest: string, now: number): void {
  const { id, state, answer, alone } = proposal;
  if (state === 'denied' || state === 'done' || alone !== undefined)
    throw new Refused(
      409,
      `Proposal ${id} is ${state}${answer ? ` by ${answer.by} at ${answer.at}` : ''}. See what waits: ${LIST_COMMAND}`,
    );
  const expired = expiredText(proposal, now);
  if (expired) throw new Refused(410, expired);
  if (digest !== proposal.digest)
    throw new Refused(
      409,
      `You saw the digest ${digest}, and proposal ${id} has ${proposal.digest}. Look at it again: ${approveCommand(proposal)}`,
    );
}
