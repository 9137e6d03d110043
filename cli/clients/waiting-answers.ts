/** Counts of what waits for the answer of a person: changes for approval, and proposals for a second person. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { approvalApi } from './approvals.ts';
import type { Operator } from './operator.ts';
import { type ProposalApi, proposalApi } from './proposals.ts';

export type WaitingAnswers = {
  readonly approvals: number;
  readonly proposals: number;
  /** The error because of which they could not be counted, or null. */
  readonly uncountedBecause: string | null;
};

/** Counts nothing, and says why, if the API does not answer: the rest of a report must not depend on it. */
export async function countWaitingAnswers({ aws, now }: Operator): Promise<WaitingAnswers> {
  try {
    const client = new APIGatewayClient(aws);
    const approvals = await (await approvalApi(client)).list();
    const proposals = await countOpenProposals(await proposalApi(client), now());
    return { approvals: approvals.length, proposals, uncountedBecause: null };
  } catch (error) {
    return { approvals: 0, proposals: 0, uncountedBecause: (error as Error).message };
  }
}

/** Nobody can approve an expired one any more. */
export const countOpenProposals = async (api: ProposalApi, now: number): Promise<number> =>
  (await api.list()).filter(({ state, until }) => state === 'open' && Date.parse(until) > now).length;
