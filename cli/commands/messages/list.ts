import type { MessagePlaceState } from '../../../functions/domain/api-messages.ts';
import type { SutureApi } from '../../clients/api.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { jsonOption } from '../../options/standard.ts';
import {
  type Listing,
  listText,
  OUTPUT_NOTES,
  OUTPUT_OPTION,
  type OutputOptions,
  oneLine,
} from '../../output/listing.ts';

export type MessagesListOptions = OutputOptions & { readonly api?: SutureApi };

export default defineCommand<MessagesListOptions>({
  name: 'list',
  summary: 'list the places of messages and tickets, and what did not arrive there',
  options: [OUTPUT_OPTION, jsonOption('a JSON array with dead letters, like -o json')],
  notes: `${OUTPUT_NOTES}
A dead letter is an event that a place refused, or that it did not take for a day. Whether Slack or ServiceNow took what
they answered with success, they alone know.`,
  examples: ['suture messages list', "suture messages list --json | jq '.[].letters'"],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'no place has dead letters', 1: 'one has', 2: 'wrong usage' },
  run: (options) => messagesListCommand(options),
});

export async function messagesListCommand({ api, ...output }: MessagesListOptions): Promise<CommandResult> {
  const { sutureApi } = await import('../../clients/api.ts');
  const { listMessagePlaces } = await import('../../clients/message-places.ts');
  const places = await listMessagePlaces(api ?? (await sutureApi()));
  return { text: listText(places, LISTING, output), failed: places.some(({ deadLetters }) => deadLetters > 0) };
}

const errorsOf = ({ letters }: MessagePlaceState): string =>
  [...new Set(letters.map(({ error, code }) => oneLine(error || code)))].join('; ');

const LISTING: Listing<MessagePlaceState> = {
  columns: [
    { heading: 'place', value: ({ name }) => name },
    { heading: 'kind', value: ({ kind }) => kind },
    { heading: 'to', value: ({ to }) => to ?? '-' },
    { heading: 'events', value: ({ kinds }) => kinds.join(','), cut: { side: 'end', min: 10 }, dropped: 1 },
    { heading: 'dead letters', value: ({ deadLetters }) => String(deadLetters) },
    { heading: 'why', value: errorsOf, wraps: 24 },
  ],
  fields: {
    place: ({ name }) => name,
    kind: ({ kind }) => kind,
    to: ({ to }) => to,
    events: ({ kinds }) => kinds.join(', '),
    severities: ({ severities }) => severities.join(', '),
    'dead letters': ({ deadLetters }) => String(deadLetters),
    why: errorsOf,
  },
  line: (place) => [place.name, place.kind, place.to ?? '', String(place.deadLetters), errorsOf(place)],
  name: ({ name }) => name,
  nothing: 'This installation has no places of messages. How to set one up: docs/messages.md#set-up',
};
