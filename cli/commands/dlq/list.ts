import type { Names } from '../../../functions/domain/names.ts';
import type { DeadLetterQueue } from '../../clients/dead-letters.ts';
import type { OperatorEnvironment } from '../../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { Unreachable } from '../../errors/unreachable.ts';
import { jsonOption } from '../../options/standard.ts';
import { type Listing, listText, OUTPUT_NOTES, OUTPUT_OPTION, type OutputOptions } from '../../output/listing.ts';

export type DlqListOptions = OperatorEnvironment & OutputOptions;

export default defineCommand<DlqListOptions>({
  name: 'list',
  summary: 'list the dead-letter queues and their numbers of messages',
  options: [OUTPUT_OPTION, jsonOption('a JSON array, like -o json')],
  notes: `${OUTPUT_NOTES}
suture-audit-trail-dlq is not listed, because its messages are not redriven but kept: suture docs runbook#audit-trail-dlq.
The queue of the address ranges, suture-ip-ranges-failed, is listed where their updater runs, which may be another Region than the
home Region. Its messages need nothing: suture ip-ranges apply makes the next run. Messages in flight are counted too: somebody
receives them now, and they come back unless they are deleted.`,
  examples: ['suture dlq list', "suture dlq list --json | jq '.[] | select(.messages > 0)'"],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'they are empty', 1: 'one is not, or this is not the home Region', 2: 'wrong usage' },
  run: (options) => dlqListCommand(options),
});

export async function dlqListCommand(options: DlqListOptions): Promise<CommandResult> {
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { installedNames } = await import('../../clients/installed-names.ts');
  const { hasHomeQueue, listDeadLetterQueues } = await import('../../clients/dead-letters.ts');
  const operator = await resolveOperator(options);
  const queues = await listDeadLetterQueues(operator);
  const isHome = hasHomeQueue(queues);
  const otherRegion = `${operator.region} is not the home Region of the installation, whose dead-letter queues are there: give --home-region.`;
  if (queues.length === 0) throw new Unreachable(`There is no dead-letter queue of Suture here. ${otherRegion}`);
  const listing = { ...LISTING, footer: isHome ? elsewhereLines(queues, installedNames()) : [otherRegion] };
  return { text: listText(queues, listing, options), failed: !isHome || queues.some(({ messages }) => messages > 0) };
}

/** Names the queues that are not in the list. */
const elsewhereLines = (queues: readonly DeadLetterQueue[], { own, stack }: Names): string[] => [
  `Not listed: ${own('audit-trail-dlq')} of the stack ${stack('Audit')}, which dlq redrive refuses (suture docs runbook#audit-trail-dlq).`,
  ...(queues.some(({ queue }) => queue === own('ip-ranges-failed'))
    ? []
    : [`In the Region of their updater: ${own('ip-ranges-failed')} (suture docs runbook#ip-ranges-failed).`]),
];

const inFlightText = ({ inFlight }: DeadLetterQueue): string => (inFlight > 0 ? ` (${inFlight} in flight)` : '');

const LISTING: Listing<DeadLetterQueue> = {
  columns: [
    { heading: 'queue', value: ({ queue }) => queue },
    { heading: 'messages', value: (queue) => `${queue.messages}${inFlightText(queue)}` },
    { heading: 'holds', value: ({ holds }) => holds, wraps: 20 },
  ],
  fields: {
    queue: ({ queue }) => queue,
    messages: ({ messages }) => String(messages),
    'in flight': ({ inFlight }) => String(inFlight),
    holds: ({ holds }) => holds,
    url: ({ url }) => url,
  },
  line: (each) => [each.queue, String(each.messages), `${each.holds}${inFlightText(each)}`],
  name: ({ queue }) => queue,
  nothing: 'This Region has no dead-letter queue of Suture.',
};
