/** Places of messages: how they stand, and a test of one by the rules that findings go by. */
import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { type MessagePlacesReply, type TestMessageReply, TestMessageRequest } from '../domain/api-messages.ts';
import { messageText, ticketOf } from '../domain/event-message.ts';
import type { TicketAction } from '../domain/message-kinds.ts';
import type { MessagePlace } from '../domain/message-places.ts';
import type { MessageEvent, MessageTest } from '../domain/owner-message.ts';
import { placeForm } from '../domain/place-form.ts';
import type { MessageLetters } from '../ports/message-letters.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { isoNow, type RunDeps } from './runs.ts';

export type MessageDeps = RunDeps & {
  readonly messagePlaces: readonly MessagePlace[];
  readonly messageLetters: MessageLetters;
  readonly publishMessage: (event: MessageEvent) => Promise<void>;
};

export const messagePlaces: ApiAction<MessageDeps> = async (_request, _actor, { messagePlaces, messageLetters }) => {
  const states = messagePlaces.map(async (place) => ({
    ...place,
    deadLetters: await messageLetters.count(place.name),
    letters: (await messageLetters.read(place.name)).map(({ receipt: _, ...letter }) => letter),
  }));
  return { places: await Promise.all(states) } satisfies z.input<typeof MessagePlacesReply>;
};

export const testMessagePlace: ApiAction<MessageDeps> = async (request, by, deps) => {
  const { place: name, to, action } = parseBody(TestMessageRequest, request);
  const place = deps.messagePlaces.find((each) => each.name === name);
  if (!place) throw new Refused(404, noSuchPlace(name, deps.messagePlaces));
  if (place.kind === 'slack' && to === undefined)
    throw new Refused(400, `${name} writes to the channel of each message: name one with --to, such as --to '#team'.`);
  const at = isoNow(deps);
  const line = {
    run: randomBytes(6).toString('hex'),
    action: 'messages test' as const,
    at,
    by,
    reason: `test of ${name}`,
    selection: { place: name, action, ...(to !== undefined && { to }) },
  };
  await deps.runs.begin(line);
  await removeTests(name, deps.messageLetters);
  const detail = testEvent(place, { id: line.run, at, by, to: to ?? place.to ?? name, action });
  await deps.publishMessage({ name: 'suture.message.test.v1', detail });
  await deps.runs.end(line, by, isoNow(deps), {});
  return { id: detail.id, at } satisfies TestMessageReply;
};

const noSuchPlace = (name: string, places: readonly MessagePlace[]): string =>
  places.length === 0
    ? 'This installation has no places of messages: context.suture.messages names none.'
    : `There is no place "${name}": there are ${places.map((place) => place.name).join(', ')}.`;

/** Dead letters of earlier tests say nothing any more, and would keep the alarm ringing. */
async function removeTests(place: string, letters: MessageLetters): Promise<void> {
  for (const letter of await letters.read(place)) if (letter.isTest) await letters.remove(place, letter);
}

type Test = {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly to: string;
  readonly action: TicketAction;
};

/** Each place has one ticket for tests, so that a closing test finds the one that was opened. */
function testEvent({ name, kind }: MessagePlace, { id, at, by, to, action }: Test): MessageTest {
  const headline = messageText(`A test of Suture: ${by.split('/').at(-1)} asks whether messages arrive at ${name}`);
  return {
    version: 1,
    id,
    place: { name, kind, to },
    action,
    at,
    headline,
    body: placeForm(kind, [headline]).body,
    message: {
      ticket: ticketOf(`test of ${name}`),
      headline,
      title: 'A test',
      resource: 'none',
      summary: 'Nothing needs to be done.',
      patch: '',
      severity: 'INFORMATIONAL',
    },
  };
}
