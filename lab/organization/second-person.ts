/** A second person, who approves what the first one proposed. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { proposalApi } from '../../cli/clients/proposals.ts';
import type { AnswerProposalReply, Proposal } from '../../functions/domain/proposal.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { createSession, findRole } from '../../sandbox/services/sts/assume.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { LAB_NAMES } from './lab-names.ts';

export type InstalledSuture = { readonly sandbox: Sandbox; readonly context: SutureContext };

const SECOND_PERSON = 'second';

export async function approveAsSecondPerson(
  { sandbox, context: { partition, securityAccount } }: InstalledSuture,
  { id, digest }: Pick<Proposal, 'id' | 'digest'>,
): Promise<AnswerProposalReply> {
  const role = `arn:${partition}:iam::${securityAccount}:role${LAB_NAMES.peoplePath}${LAB_NAMES.person('approver')}`;
  const session = createSession(sandbox.kernel, findRole(sandbox.kernel, role)!, SECOND_PERSON);
  const api = await proposalApi(new APIGatewayClient(sandbox.clientSettings(session)));
  return api.answer(id, { answer: 'approve', digest });
}
