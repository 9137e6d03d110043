/**
 * The owner of a resource. The most specific source wins: a tag of the resource, the account, its innermost
 * organizational unit, the account's security contact. Pure.
 */
import type { ResourceTags } from '../contract/remediation.ts';
import {
  allowsAddress,
  allowsChannel,
  isChannel,
  MAIL,
  type Owners,
  type PolicyWithOwners,
  placesOf,
} from './owner-policy.ts';
import { innermostUnit, type PolicyUnits, type UnitMember } from './policy-units.ts';
import type { ResourceOwner } from './resource-owner.ts';
import { holdsTag, valueOfTag } from './tag-match.ts';

export type OwnerPolicy = PolicyWithOwners & PolicyUnits;

export type OwnedResource = UnitMember & {
  readonly account?: string | undefined;
  readonly tags: ResourceTags;
  /** Address of the account's security contact, which the account itself can set. */
  readonly securityContact?: string | undefined;
};

/** Something that says who the owner is: a rule, a tag or a contact. */
export type OwnerCandidate = {
  readonly because: string;
  /** Text of the member account. */
  readonly value?: string;
  /** Absent if it does not count. */
  readonly owner?: ResourceOwner;
  /** Why it does not count. */
  readonly refused?: string;
};

export const ownerOf = (policy: OwnerPolicy, resource: OwnedResource): ResourceOwner | undefined =>
  ownerCandidates(policy, resource).find(({ owner }) => owner !== undefined)?.owner;

/** Returns everything that names an owner, the most specific first. */
export const ownerCandidates = (policy: OwnerPolicy, resource: OwnedResource): OwnerCandidate[] => [
  ...byTagRule(policy, resource),
  ...byTagValue(policy, resource),
  ...byAccount(policy, resource),
  ...byUnit(policy, resource),
  ...bySecurityContact(policy, resource),
];

/** Whether policy itself names an owner of everything in the account, so that the contact does not matter. */
export const hasOwnerByPlace = (policy: OwnerPolicy, resource: Omit<OwnedResource, 'tags'>): boolean =>
  byAccount(policy, { ...resource, tags: {} }).length + byUnit(policy, { ...resource, tags: {} }).length > 0;

/** Returns the live tags that matter for the owner. A result carries them, and must stay small. */
export function ownTags(tags: ResourceTags, keys: readonly string[]): Record<string, string> {
  const wanted = new Set(keys);
  const named = Object.entries(tags).filter(([key]) => wanted.has(key));
  return Object.fromEntries(named.slice(0, MAX_TAGS));
}
const MAX_TAGS = 20;

const namedOwner = (owners: Owners, name: string, because: string): OwnerCandidate => ({
  because,
  owner: { name, because, places: placesOf(owners[name]!).slice(0, MAX_PLACES) },
});
const MAX_PLACES = 20;

function byTagRule({ owners = {} }: OwnerPolicy, { tags }: OwnedResource): OwnerCandidate[] {
  return Object.entries(owners).flatMap(([name, owner]) => {
    const tag = owner.tags?.find((each) => holdsTag(each, tags));
    return tag === undefined ? [] : [namedOwner(owners, name, `policy gives resources tagged ${tag} to ${name}`)];
  });
}

/** The value of a tag counts as the name of an owner in the policy, and as an address or channel that policy allows. */
function byTagValue({ owners = {}, ownerTags = {} }: OwnerPolicy, { tags }: OwnedResource): OwnerCandidate[] {
  return (ownerTags.keys ?? []).flatMap((key) => {
    const value = valueOfTag(tags, key)?.trim();
    if (value === undefined) return [];
    const because = `tag ${key} of the resource`;
    const name = Object.keys(owners).find((each) => each.toLowerCase() === value.toLowerCase());
    if (name !== undefined) return [{ ...namedOwner(owners, name, `${because} names ${name}`), value }];
    if (MAIL.test(value) && value.length <= MAX_NAME) return [byAddress(ownerTags, value, because)];
    if (!isChannel(value))
      return [{ because, value, refused: 'it is neither an owner in the policy nor an address or a channel' }];
    if (!allowsChannel(ownerTags, value))
      return [{ because, value, refused: 'policy allows no such channel (ownerTags.channels)' }];
    return [{ because, value, owner: { name: value, because, places: [{ kind: 'slack' as const, to: value }] } }];
  });
}
const MAX_NAME = 100;

const byAddress = (ownerTags: NonNullable<OwnerPolicy['ownerTags']>, value: string, because: string): OwnerCandidate =>
  allowsAddress(ownerTags, value)
    ? { because, value, owner: { name: value, because, places: [{ kind: 'mail', to: value }] } }
    : { because, value, refused: 'policy allows no address of its domain (ownerTags.domains)' };

function byAccount({ owners = {} }: OwnerPolicy, { account = '' }: OwnedResource): OwnerCandidate[] {
  return Object.entries(owners).flatMap(([name, { accounts = [] }]) =>
    accounts.includes(account) ? [namedOwner(owners, name, `policy gives account ${account} to ${name}`)] : [],
  );
}

/** Returns the owner of the innermost unit first, and those of the units around it. */
function byUnit(policy: OwnerPolicy, member: OwnedResource): OwnerCandidate[] {
  const { owners = {} } = policy;
  const units: Record<string, string> = {};
  for (const [name, { ous = [] }] of Object.entries(owners)) for (const unit of ous) units[unit] ??= name;
  const candidates: OwnerCandidate[] = [];
  for (let unit = innermostUnit(policy, units, member); unit; unit = innermostUnit(policy, units, member)) {
    const [path, name] = unit;
    candidates.push(namedOwner(owners, name, `policy gives ${path} to ${name}`));
    delete units[path];
  }
  return candidates;
}

function bySecurityContact({ ownerTags = {} }: OwnerPolicy, { account, securityContact }: OwnedResource) {
  if (securityContact === undefined) return [];
  const because = `security contact of account ${account}`;
  if (MAIL.test(securityContact) && securityContact.length <= MAX_NAME)
    return [byAddress(ownerTags, securityContact, because)];
  return [{ because, value: securityContact, refused: 'it is not an address that Suture takes' }];
}
