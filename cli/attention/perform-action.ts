/** Runs the command of an action, which shows what it does and asks before it writes. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { approvalApi } from '../clients/approvals.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { explainError } from '../errors/explain-error.ts';
import { Interrupted } from '../errors/interrupted.ts';
import type { ActionName, AskedOption, AttentionAction, AttentionItem } from './attention-item.ts';

/** The person's answers, by option. */
export type ActionAnswers = Readonly<Partial<Record<AskedOption, string>>>;
export type ActionEnvironment = OperatorEnvironment & {
  readonly yes?: boolean;
  readonly file?: string;
  readonly show?: (text: string) => void;
};

export type ActionResult = {
  readonly text: string;
  /** The person may correct the mistake, such as a policy that does not exist, and try again. */
  readonly mayRetry: boolean;
};

/**
 * Returns the output of the command, or its error: a mistake of the person must not end triage.
 * @throws Interrupted on Ctrl-C
 */
export async function performAction(
  item: AttentionItem,
  action: AttentionAction,
  answers: ActionAnswers,
  environment: ActionEnvironment,
): Promise<ActionResult> {
  const options = { ...environment, announce: undefined, json: false };
  try {
    const result = await runCommand(item, action.name, answers, options);
    return { text: typeof result === 'string' ? result : result.text, mayRetry: false };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const { message, exitCode } = explainError(error);
    return { text: message, mayRetry: exitCode === 2 };
  }
}

async function runCommand({ id }: AttentionItem, name: ActionName, answers: ActionAnswers, options: ActionEnvironment) {
  const { reason = '', until = '', owner = '' } = answers;
  if (name === 'approve' || name === 'deny') {
    const { answerCommand } = await import('../approvals/answer-approval.ts');
    const api = await approvalApi(new APIGatewayClient(options.aws ?? {}));
    // The page of the item has shown the plan.
    return answerCommand(name, id, { ...options, show: undefined, api, ...(reason && { reason }) });
  }
  if (name === 'exempt') {
    const { exemptCommand } = await import('../commands/exempt.ts');
    return exemptCommand(id, { ...options, reason, until, owner });
  }
  if (name === 'undo') {
    const { rollbackCommand } = await import('../commands/rollback.ts');
    return rollbackCommand(id, { ...options, reason });
  }
  if (name === 'redrive') {
    const { dlqRedriveCommand } = await import('../commands/dlq/redrive.ts');
    return dlqRedriveCommand(id, { ...options, reason });
  }
  const { replayCommand } = await import('../commands/replay.ts');
  return replayCommand(id, { ...options, reason });
}
