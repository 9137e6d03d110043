/** Lists and answers proposals through the API. */
import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  AnswerProposalReply,
  type AnswerProposalRequest,
  type Proposal,
  ProposalList,
} from '../../functions/domain/proposal.ts';
import { sutureApi } from './api.ts';

export type ProposalApi = {
  /** Returns the last fifty, newest first. */
  list(): Promise<Proposal[]>;
  /** @throws Failure if there is no proposal with this id */
  show(id: string): Promise<Proposal>;
  /** @throws Failure with the API's message if it refuses the answer */
  answer(id: string, request: AnswerProposalRequest): Promise<AnswerProposalReply>;
};

/** @throws Failure if the API does not exist in the client's account and Region */
export async function proposalApi(client?: APIGatewayClient): Promise<ProposalApi> {
  const api = await sutureApi(client);
  return {
    list: async () => ProposalList.parse(await api.call('listProposals')).proposals,
    show: async (id) => ProposalList.parse(await api.call('showProposal', { parameters: { id } })).proposals[0]!,
    answer: async (id, body) =>
      AnswerProposalReply.parse(await api.call('answerProposal', { parameters: { id }, body })),
  };
}
