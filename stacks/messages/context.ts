/** `context.suture.messages` of cdk.json: the places to which EventBridge sends messages and tickets, and owners' mail. */
import * as z from 'zod';
import {
  hasTickets,
  MESSAGE_PLACES,
  MESSAGE_SEVERITIES,
  OPENING_KINDS,
  type OpeningKind,
  USUAL_OPENING_KINDS,
} from '../../functions/domain/message-kinds.ts';
import type { MessagePlace } from '../../functions/domain/message-places.ts';
import { OWNER_MESSAGE_KINDS } from '../../functions/domain/owner-message.ts';
import { hasApiDestinations } from '../regions.ts';

/** The context names secrets. Their values are never in the context, in templates or in events. */
const SECRET = 'the name or the ARN of a secret in the security account and the home Region';
const secret = z
  .string(SECRET)
  .regex(/^(arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:)?(?!arn:)[\w/+=.@-]{1,256}$/, SECRET);
const VERSION = 'the VersionId of the secret, 32 to 64 characters';
const httpsUrl = z
  .string()
  .max(2048)
  .regex(/^https:\/\/[\w.-]+(:\d+)?\/[^\s{}<>"\\*]*$/, 'a URL with https');
const severities = z
  .array(z.enum(MESSAGE_SEVERITIES, MESSAGE_SEVERITIES.join(', ')), 'a list of severities')
  .min(1, 'at least one severity')
  .default([...MESSAGE_SEVERITIES]);
const RATE = 'a whole number from 1 to 300';
const rate = (usual: number) => z.int(RATE).min(1, RATE).max(300, RATE).default(usual);
const to = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^"\\<>]+$/, 'a name without quotation marks, < and >')
  .optional();

const common = (perSecond: number) => ({
  secret,
  /** A version that is not the current one, or whose change CloudFormation must notice. */
  secretVersion: z
    .string(VERSION)
    .regex(/^[\w-]{32,64}$/, VERSION)
    .optional(),
  severities,
  perSecond: rate(perSecond),
});
const CHAT = {
  kinds: z
    .array(z.enum(OWNER_MESSAGE_KINDS, OWNER_MESSAGE_KINDS.join(', ')), 'a list of kinds')
    .min(1, 'at least one kind')
    .default([...OWNER_MESSAGE_KINDS]),
};
const ticket = (usual: readonly OpeningKind[]) => ({
  /** Events that open a ticket. */
  kinds: z
    .array(z.enum(OPENING_KINDS, OPENING_KINDS.join(', ')), 'a list of kinds')
    .min(1, 'at least one kind')
    .default([...usual]),
  /** Also tickets of findings whose owner has no place of this kind. */
  default: z.boolean('true or false').default(true),
});

/** Kinds that an operator must look at. Other places tell owners and approvers. */
const PAGING_KINDS: readonly OpeningKind[] = ['failed', 'unresolved'];

const QUERY_SECRET = /[?&]sig=/;

const PLACES = {
  /** A bot token (`token` in the secret) that writes to the channel of each message: a message a second and channel. */
  slack: z.strictObject({ kind: z.literal('slack'), ...common(1), ...CHAT }),
  /** A workflow with a webhook, for one channel. The signature is `sig` in the secret. */
  teams: z.strictObject({
    kind: z.literal('teams'),
    ...common(2),
    ...CHAT,
    to,
    webhook: httpsUrl.refine(
      (url) => !QUERY_SECRET.test(url),
      'the webhook without sig=…, which is a secret: put it into the secret as "sig"',
    ),
  }),
  /** An automation rule with an incoming webhook, whose secret is `token`. */
  jira: z.strictObject({
    kind: z.literal('jira'),
    ...common(2),
    ...ticket(USUAL_OPENING_KINDS),
    to,
    webhook: httpsUrl.refine(
      (url) => !url.includes('/pro/hooks/'),
      'a webhook with a secret of its own; the path of this one is the secret',
    ),
  }),
  /** An import set, with `username` and `password` in the secret. */
  servicenow: z.strictObject({
    kind: z.literal('servicenow'),
    ...common(5),
    ...ticket(USUAL_OPENING_KINDS),
    instance: z
      .string()
      .regex(/^https:\/\/[\w.-]+$/, 'the origin of the instance, such as https://example.service-now.com'),
    table: z
      .string()
      .regex(/^[a-z]\w{0,79}$/, 'the name of a staging table')
      .default('u_suture_findings'),
    /** The assignment group of tickets whose owner has none. */
    group: z
      .string()
      .max(200)
      .regex(/^[^"\\<>]*$/, 'a name without quotation marks, < and >')
      .default(''),
  }),
  /** `routingKey` in the secret. PagerDuty takes 120 events a minute and key. */
  pagerduty: z.strictObject({
    kind: z.literal('pagerduty'),
    ...common(2),
    ...ticket(PAGING_KINDS),
    to,
    region: z.enum(['us', 'eu'], 'us or eu').default('us'),
  }),
} as const;
const PlaceContext = z.discriminatedUnion('kind', [
  PLACES.slack,
  PLACES.teams,
  PLACES.jira,
  PLACES.servicenow,
  PLACES.pagerduty,
]);
export type PlaceContext = z.infer<typeof PlaceContext>;
export type PlaceOf<K extends PlaceContext['kind']> = Extract<PlaceContext, { readonly kind: K }>;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME = 20;

export const MessagesContext = z.strictObject({
  /** By name. `messagesInstallation` checks them. */
  places: z.record(z.string(), z.record(z.string(), z.unknown()), 'an object with the places by name').default({}),
  /** Addresses of owners that get mail: each gets a subscription, and confirms it. */
  mail: z.array(z.email('an address'), 'a list of addresses').default([]),
});
export type MessagesContext = z.infer<typeof MessagesContext>;

export type MessagesInstallation = {
  readonly places: ReadonlyMap<string, PlaceContext>;
  readonly mail: readonly string[];
};

type Context = { readonly homeRegion: string; readonly messages?: MessagesContext | undefined };

/** Returns the wrong values, with their keys and what is expected. */
export function messagesProblems(context: Context): string[] {
  if (!context.messages) return [];
  const { homeRegion, messages } = context;
  const parsed = Object.entries(messages.places).map(([name, place]) => placeProblems(name, place));
  return [
    ...(hasApiDestinations(homeRegion)
      ? []
      : [
          `context.suture.messages cannot be used in ${homeRegion}: expected a home Region that is enabled by default, because others may lack the API destinations of EventBridge. Remove it`,
        ]),
    ...parsed.flat(),
    ...sharedNames(messages),
  ];
}

function placeProblems(name: string, given: Readonly<Record<string, unknown>>): string[] {
  const key = `context.suture.messages.places.${name}`;
  if (!NAME.test(name) || name.length > MAX_NAME)
    return [`${key}: expected a name of up to ${MAX_NAME} lower-case letters, digits and hyphens, such as team-chat`];
  const parsed = PlaceContext.safeParse(given);
  if (parsed.success) return [];
  const { kind } = given;
  if (!MESSAGE_PLACES.some((known) => known === kind))
    return [`${key}.kind is ${JSON.stringify(kind)}: expected ${MESSAGE_PLACES.join(', ')}`];
  const known = Object.keys(PLACES[kind as PlaceContext['kind']].shape);
  return parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((unknown) => `${key}.${unknown}: no such key; there are ${known.join(', ')}`);
    const path = issue.path.map(String);
    const value = issue.path.reduce<any>((of, step) => of?.[step], given);
    const actual = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
    return [`${[key, ...path].join('.')} ${actual}: expected ${issue.message}`];
  });
}

/** Returns a problem for places of one kind that owners know by the same name: both would get the same messages. */
function sharedNames({ places }: MessagesContext): string[] {
  const named = Object.entries(places).map(([name, { kind, to = name }]) => [name, `${kind} ${to}`] as const);
  return named.flatMap(([name, own], index) =>
    named.slice(0, index).some(([, other]) => other === own)
      ? [`context.suture.messages.places.${name}.to: another place of this kind has the same`]
      : [],
  );
}

/** Returns undefined if the context has no places and no mail. The context is valid. */
export function messagesInstallation({ messages }: Pick<Context, 'messages'>): MessagesInstallation | undefined {
  if (!messages) return undefined;
  const places = new Map(Object.entries(messages.places).map(([name, place]) => [name, PlaceContext.parse(place)]));
  return places.size === 0 && messages.mail.length === 0 ? undefined : { places, mail: messages.mail };
}

/** Returns the name that the policy's owners give a place; undefined if the event itself has the channel or group. */
export const ownerName = (name: string, place: PlaceContext): string | undefined =>
  place.kind === 'slack' || place.kind === 'servicenow' ? undefined : (place.to ?? name);

/** Returns the places as the API's function gets them, without secrets and addresses. */
export const publicPlaces = ({ places }: MessagesInstallation): MessagePlace[] =>
  Array.from(places, ([name, place]) => ({
    name,
    kind: place.kind,
    to: ownerName(name, place),
    severities: place.severities,
    kinds: place.kinds,
  }));

export const isTicketPlace = (
  place: PlaceContext,
): place is PlaceOf<'jira'> | PlaceOf<'servicenow'> | PlaceOf<'pagerduty'> => hasTickets(place.kind);
