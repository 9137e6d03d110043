/** What a person does with `suture approvals` and `suture approve`, done for the story of `npm start`. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Sandbox } from '../../sandbox/index.ts';
import { approvalApi } from '../approvals/api.ts';

/** Approves every change that waits, as an operator of the security account; answers what they were, in words. */
export async function approveAll(sandbox: Sandbox, securityAccount: string): Promise<string[]> {
  const api = await approvalApi(new LambdaClient(sandbox.administrator(securityAccount)));
  const waiting = await api.list();
  for (const { id } of waiting) await api.answer(id, { answer: 'approve', reason: 'nothing uses it' });
  return waiting.map(({ control, account, summary }) => `${control} in ${account}: ${summary}`);
}
