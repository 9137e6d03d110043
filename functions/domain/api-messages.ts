/** Requests and answers of the API about places of messages. */
import * as z from 'zod';
import { TICKET_ACTIONS } from './message-kinds.ts';
import { MessagePlace } from './message-places.ts';

export const TestMessageRequest = z.strictObject({
  place: z.string().min(1).max(64),
  /** The channel, for a place that serves several. */
  to: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^"\\<>]+$/, 'a name without quotation marks, < and >')
    .optional(),
  action: z.enum(TICKET_ACTIONS).default('open'),
});

/** `id` of the test's event, as in dead letters. */
export const TestMessageReply = z.object({ id: z.string(), at: z.iso.datetime() });
export type TestMessageReply = z.infer<typeof TestMessageReply>;

const Letter = z.object({ id: z.string(), isTest: z.boolean(), code: z.string(), error: z.string() });
export const MessagePlaceState = MessagePlace.extend({
  deadLetters: z.number(),
  /** Up to ten of them. */
  letters: z.array(Letter),
});
export type MessagePlaceState = z.infer<typeof MessagePlaceState>;
export const MessagePlacesReply = z.object({ places: z.array(MessagePlaceState) });
