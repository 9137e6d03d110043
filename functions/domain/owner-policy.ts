/** Owners in the policy: people with their places and what they own, and which tags may name one. Pure. */
import * as z from 'zod';
import { PolicyAccount, PolicyUnit } from './policy-scopes.ts';
import { OWNER_PLACES, type OwnerPlace } from './resource-owner.ts';

/** https://docs.slack.dev/reference/methods/conversations.create: names have up to 80 of these characters. */
const CHANNEL = /^#[a-z0-9_-]{1,79}$/;
export const MAIL = /^[\w.+-]{1,64}@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})$/i;
const DOMAIN = /^(\*\.)?[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,6}$/;

const few = <T extends z.ZodType>(place: T) => z.union([place, z.array(place).min(1).max(5)]).optional();
const text = z.string().min(1).max(200);

const Places = {
  mail: few(z.string().max(200).regex(MAIL, 'must be a mail address, such as shop@example.com')),
  slack: few(z.string().regex(CHANNEL, 'must be a channel, such as #team-shop')),
  teams: few(text),
  jira: few(z.string().regex(/^[A-Z][A-Z0-9_]{1,49}$/, 'must be the key of a project, such as SHOP')),
  servicenow: few(text),
  pagerduty: few(text),
  repository: few(
    z
      .string()
      .max(200)
      .regex(/^https:\/\/\S+$/, 'must be an address that begins with https://'),
  ),
} satisfies Record<(typeof OWNER_PLACES)[number], z.ZodType>;

export const Owner = z.strictObject({
  ...Places,
  accounts: z.array(PolicyAccount).optional(),
  ous: z.array(PolicyUnit).optional(),
  /** `key` or `key=value` of the live resource. */
  tags: z.array(z.string().min(1).max(400)).max(50).optional(),
});
export type Owner = z.infer<typeof Owner>;

const OwnerName = z
  .string()
  .max(60)
  .regex(/^[a-zA-Z][\w. -]*$/, 'must be a name that begins with a letter: letters, digits, spaces, dots, hyphens');
export const Owners = z.record(OwnerName, Owner);
export type Owners = z.infer<typeof Owners>;

/** Tags of resources are text of member accounts: they name an owner only as far as this allows. */
export const OwnerTags = z.strictObject({
  keys: z.array(z.string().min(1).max(128)).max(10).optional(),
  /** Of mail addresses in such tags, and of the security contacts of accounts. */
  domains: z.array(z.string().regex(DOMAIN, 'must be a domain, such as example.com or *.example.com')).optional(),
  channels: z
    .array(z.string().regex(/^#[a-z0-9_-]*\*?[a-z0-9_-]*$/, 'must be a channel or begin like some, such as #team-*'))
    .optional(),
});
export type OwnerTags = z.infer<typeof OwnerTags>;

export type PolicyWithOwners = {
  readonly owners?: Owners | undefined;
  readonly ownerTags?: OwnerTags | undefined;
};

/** Returns the places of an owner, in the order of their kinds. */
export const placesOf = (owner: Owner): OwnerPlace[] =>
  OWNER_PLACES.flatMap((kind) => [owner[kind] ?? []].flat().map((to) => ({ kind, to })));

export const isChannel = (value: string): boolean => CHANNEL.test(value);

/** Whether policy lets a member account name this address. */
export function allowsAddress({ domains = [] }: OwnerTags, address: string): boolean {
  const domain = MAIL.exec(address)?.[1]?.toLowerCase();
  return (
    domain !== undefined &&
    domains.some((each) => (each.startsWith('*.') ? domain.endsWith(each.slice(1)) : domain === each))
  );
}

/** Whether policy lets a member account name this channel. A pattern has one `*` at most. */
export function allowsChannel({ channels = [] }: OwnerTags, channel: string): boolean {
  return channels.some((each) => {
    const [start = '', end] = each.split('*');
    if (end === undefined) return channel === each;
    return channel.length >= start.length + end.length && channel.startsWith(start) && channel.endsWith(end);
  });
}

/** Returns the keys of tags by which the policy recognizes owners. */
export function ownerKeys({ owners = {}, ownerTags = {} }: PolicyWithOwners): string[] {
  const named = Object.values(owners).flatMap(({ tags = [] }) => tags);
  // A key may have an equals sign in it.
  return [...new Set([...named.flatMap((tag) => [tag, tag.split('=')[0]!]), ...(ownerTags.keys ?? [])])];
}
