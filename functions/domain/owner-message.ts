/**
 * Events for places of messages, beside those of findings: one message for all findings of an owner, and a person's test.
 * EventBridge sends them on without code in between, so their texts are plain, and in the form of the place.
 */
import * as z from 'zod';
import { EventMessage } from './event-message.ts';
import { MESSAGE_PLACES, MESSAGE_SEVERITIES, TICKET_ACTIONS } from './message-kinds.ts';

/**
 * `told`: what is wrong, and until when the owner has time; `reminder`: the time is up within a day; `reverted`: a
 * deployment undid a fix. An owner gets one of each kind a day.
 */
export const OWNER_MESSAGE_KINDS = ['told', 'reminder', 'reverted'] as const;
export type OwnerMessageKind = (typeof OWNER_MESSAGE_KINDS)[number];

/** Blocks of Slack, or elements of an adaptive card for Teams. */
const Body = z.array(z.record(z.string(), z.unknown()));

export const OwnerMessage = z.object({
  version: z.literal(1),
  id: z.string().describe('The same when the event is delivered again'),
  kind: z.enum(OWNER_MESSAGE_KINDS),
  place: z.object({ kind: z.enum(['slack', 'teams']), to: z.string() }),
  owner: z.string(),
  severity: z.enum(MESSAGE_SEVERITIES).describe('The highest of its findings'),
  count: z.int().describe('Findings that it is about, also those that it does not name'),
  at: z.iso.datetime(),
  headline: z.string(),
  body: Body.describe('In the form of the place: blocks of Slack, or elements of an adaptive card'),
});
export type OwnerMessage = z.infer<typeof OwnerMessage>;

export const MessageTest = z.object({
  version: z.literal(1),
  id: z.string(),
  place: z.object({ name: z.string(), kind: z.enum(MESSAGE_PLACES), to: z.string() }),
  action: z.enum(TICKET_ACTIONS).describe('What becomes of the ticket, at places that have tickets'),
  at: z.iso.datetime(),
  headline: z.string(),
  body: Body,
  message: EventMessage,
});
export type MessageTest = z.infer<typeof MessageTest>;

/** Has every other member of the event that was not delivered, so that the template of the rule finds the same texts. */
export const MessageAgain = z.looseObject({
  version: z.literal(1),
  id: z.string(),
  again: z.object({
    place: z.string().describe('The place that did not take the event'),
    rule: z.string().describe('The rule of the place that it goes by, such as `open`'),
    event: z.string().describe('The detail-type of the event'),
  }),
});
export type MessageAgain = z.infer<typeof MessageAgain>;

export const MESSAGE_EVENTS = {
  'suture.owner.message.v1': OwnerMessage.describe('All findings of an owner that changed, for one place: a chat'),
  'suture.message.test.v1': MessageTest.describe('A person tries whether messages arrive at a place'),
  'suture.message.again.v1': MessageAgain.describe(
    'A dead letter of a place of tickets, sent to this place alone: an event of a finding with `again`',
  ),
} as const;
export type MessageEventName = keyof typeof MESSAGE_EVENTS;
export type MessageEvent =
  | { readonly name: 'suture.owner.message.v1'; readonly detail: OwnerMessage }
  | { readonly name: 'suture.message.test.v1'; readonly detail: MessageTest }
  | { readonly name: 'suture.message.again.v1'; readonly detail: MessageAgain };
