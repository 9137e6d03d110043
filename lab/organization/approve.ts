/** What a person does with `suture approvals` and `suture approve`, done for the story of `npm start`. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { approvalApi } from '../../cli/clients/approvals.ts';
import type { Sandbox } from '../../sandbox/index.ts';

/** Approves those of these controls' changes that wait, as an operator of the security account; answers what they were. */
export async function approve(
  sandbox: Sandbox,
  securityAccount: string,
  those: readonly { readonly control: string; readonly account: string }[],
): Promise<string[]> {
  const api = await approvalApi(new LambdaClient(sandbox.administrator(securityAccount)));
  const waiting = (await api.list()).filter((one) =>
    those.some(({ control, account }) => control === one.control && account === one.account),
  );
  for (const { id } of waiting) await api.answer(id, { answer: 'approve', reason: 'nothing uses it' });
  return waiting.map(({ control, account, summary }) => `${control} in ${account}: ${summary}`);
}
