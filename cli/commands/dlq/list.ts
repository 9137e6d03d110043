import type { OperatorEnvironment } from '../../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { jsonOption } from '../../options/standard.ts';
import { IS_TERMINAL, table, tabSeparated } from '../../output/terminal.ts';

export type DlqListOptions = OperatorEnvironment & { readonly json?: boolean };

export default defineCommand<DlqListOptions>({
  name: 'list',
  summary: 'list the dead-letter queues and their numbers of messages',
  options: [jsonOption('a JSON array')],
  examples: ['suture dlq list', "suture dlq list --json | jq '.[] | select(.messages > 0)'"],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'they are empty', 1: 'one is not', 2: 'wrong usage' },
  run: (options) => dlqListCommand(options),
});

export async function dlqListCommand({ json, ...environment }: DlqListOptions): Promise<CommandResult> {
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { listDeadLetterQueues } = await import('../../clients/dead-letters.ts');
  const queues = await listDeadLetterQueues(await resolveOperator(environment));
  const failed = queues.some(({ messages }) => messages > 0);
  if (json) return { text: JSON.stringify(queues, null, 2), failed };
  const rows = queues.map(({ queue, messages, holds }) => [queue, String(messages), holds]);
  return { text: IS_TERMINAL ? table(['queue', 'messages', 'what they are'], rows) : tabSeparated(rows), failed };
}
