/** Lists and answers approvals through the API. */
import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  AnswerReply,
  type AnswerRequest,
  ApprovalDetail,
  ApprovalList,
  type ApprovalView,
} from '../../functions/domain/approval.ts';
import { sutureApi } from './api.ts';

export type ApprovalApi = {
  /** Returns all waiting approvals, the earliest deadline first. */
  list(): Promise<ApprovalView[]>;
  /** @throws Failure if there is no approval with this id */
  show(id: string): Promise<ApprovalDetail>;
  /** @throws Unreachable if IAM does not let the caller answer it */
  requirePermission(id: string): Promise<void>;
  /** @throws Failure with the API's message if it refuses the answer */
  answer(id: string, request: AnswerRequest): Promise<AnswerReply>;
};

/** @throws Unreachable if the API does not exist in the client's account and Region */
export async function approvalApi(client?: APIGatewayClient): Promise<ApprovalApi> {
  const api = await sutureApi(client);
  return {
    async list() {
      const waiting: ApprovalView[] = [];
      for (let query = {}; ; ) {
        const { approvals, next } = ApprovalList.parse(await api.call('listApprovals', { query }));
        waiting.push(...approvals);
        if (!next) return waiting.toSorted((a, b) => a.until.localeCompare(b.until));
        query = { after: next };
      }
    },
    show: async (id) => ApprovalDetail.parse(await api.call('showApproval', { parameters: { id } })),
    requirePermission: (id) => api.requirePermission('answerApproval', { parameters: { id } }),
    answer: async (id, body) => AnswerReply.parse(await api.call('answerApproval', { parameters: { id }, body })),
  };
}
