import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { approvalApi } from '../../cli/clients/approvals.ts';
import type { Sandbox } from '../../sandbox/index.ts';

/**
 * Does what a person does with `suture approvals` and `suture approve`. Returns the summaries of the approved changes.
 */
export async function approveChanges(
  sandbox: Sandbox,
  securityAccount: string,
  changes: readonly { readonly control: string; readonly account: string }[],
): Promise<string[]> {
  const api = await approvalApi(new APIGatewayClient(sandbox.administrator(securityAccount)));
  const waiting = (await api.list()).filter((each) =>
    changes.some(({ control, account }) => control === each.control && account === each.account),
  );
  for (const { id } of waiting) await api.answer(id, { answer: 'approve', reason: 'nothing uses it' });
  return waiting.map(({ control, account, summary }) => `${control} in ${account}: ${summary}`);
}
