import type { DeadLetterQueue } from '../../clients/dead-letters.ts';
import type { OperatorEnvironment } from '../../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { jsonOption } from '../../options/standard.ts';
import { type Listing, listText, OUTPUT_NOTES, OUTPUT_OPTION, type OutputOptions } from '../../output/listing.ts';

export type DlqListOptions = OperatorEnvironment & OutputOptions;

export default defineCommand<DlqListOptions>({
  name: 'list',
  summary: 'list the dead-letter queues and their numbers of messages',
  options: [OUTPUT_OPTION, jsonOption('a JSON array, like -o json')],
  notes: `${OUTPUT_NOTES}
The queue of the address ranges, suture-ip-ranges-failed, is listed where their updater runs, which may be another Region than the
home Region. Its messages need nothing: suture ip-ranges apply makes the next run.`,
  examples: ['suture dlq list', "suture dlq list --json | jq '.[] | select(.messages > 0)'"],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'they are empty', 1: 'one is not', 2: 'wrong usage' },
  run: (options) => dlqListCommand(options),
});

export async function dlqListCommand(options: DlqListOptions): Promise<CommandResult> {
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { listDeadLetterQueues } = await import('../../clients/dead-letters.ts');
  const queues = await listDeadLetterQueues(await resolveOperator(options));
  return { text: listText(queues, LISTING, options), failed: queues.some(({ messages }) => messages > 0) };
}

const LISTING: Listing<DeadLetterQueue> = {
  columns: [
    { heading: 'queue', value: ({ queue }) => queue },
    { heading: 'messages', value: ({ messages }) => String(messages) },
    { heading: 'holds', value: ({ holds }) => holds, cut: { side: 'end', min: 12 } },
  ],
  fields: {
    queue: ({ queue }) => queue,
    messages: ({ messages }) => String(messages),
    holds: ({ holds }) => holds,
    url: ({ url }) => url,
  },
  line: ({ queue, messages, holds }) => [queue, String(messages), holds],
  name: ({ queue }) => queue,
  nothing: 'This Region has no dead-letter queue of Suture.',
};
