/** Lists and answers proposals through the API. */
import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  AnswerProposalReply,
  type AnswerProposalRequest,
  type Proposal,
  ProposalList,
} from '../../functions/domain/proposal.ts';
import type { IpRangesAnswer } from '../../ip-ranges/contract/command.ts';
import { type SignedApi, sutureApi } from './api.ts';
import { ipRangesClient } from './ip-ranges.ts';

export type ProposalApi = {
  /** Returns the last fifty, newest first. */
  list(): Promise<Proposal[]>;
  /** @throws Failure if there is no proposal with this id */
  show(id: string): Promise<Proposal>;
  /** @throws Unreachable if IAM does not let the caller answer it */
  requirePermission(id: string): Promise<void>;
  /** @throws Failure with the API's message if it refuses the answer */
  answer(id: string, request: AnswerProposalRequest): Promise<AnswerProposalReply>;
  /** Waits for what the function did after the approval. */
  rangesResult(request: string): Promise<IpRangesAnswer>;
};

/** @throws Failure if the API does not exist in the client's account and Region */
export const proposalApi = async (client?: APIGatewayClient): Promise<ProposalApi> =>
  proposalApiWith(await sutureApi(client));

export function proposalApiWith(api: SignedApi): ProposalApi {
  return {
    list: async () => ProposalList.parse(await api.call('listProposals')).proposals,
    show: async (id) => ProposalList.parse(await api.call('showProposal', { parameters: { id } })).proposals[0]!,
    requirePermission: (id) => api.requirePermission('answerProposal', { parameters: { id } }),
    answer: async (id, body) =>
      AnswerProposalReply.parse(await api.call('answerProposal', { parameters: { id }, body })),
    rangesResult: async (request) => (await ipRangesClient(api)).result(request),
  };
}
