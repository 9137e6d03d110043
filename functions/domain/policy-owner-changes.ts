/** How owners differ between two policies. None of it lets Suture write more. Pure. */
import { isEqual } from '../contract/is-equal.ts';
import type { Owners, OwnerTags } from './owner-policy.ts';
import { keysOfBoth, type PolicyChange } from './policy-mode-changes.ts';

/** Returns a change for each owner, with the parts in which it differs. */
export function ownerChanges(before: Owners = {}, after: Owners = {}): PolicyChange[] {
  return keysOfBoth(before, after)
    .filter((name) => !isEqual(before[name], after[name]))
    .map((name) => {
      const [from, to] = [before[name], after[name]];
      const what = from && to ? differences(from, to) : `${to ? 'new' : 'gone'}, ${shown(to ?? from)}`;
      return { ...{ text: `owner ${name}: ${what}`, path: `owners.${name}` }, ...sides(from, to) };
    });
}

export function ownerTagChanges(before: OwnerTags = {}, after: OwnerTags = {}): PolicyChange[] {
  return (['keys', 'domains', 'channels'] as const)
    .filter((part) => !isEqual(before[part], after[part]))
    .map((part) => {
      const [from, to] = [before[part], after[part]];
      const text = `${MEANINGS[part]}: ${from?.join(', ') || 'none'} → ${to?.join(', ') || 'none'}`;
      return { ...{ text, path: `ownerTags.${part}` }, ...sides(from, to) };
    });
}

const MEANINGS = {
  keys: 'tags of resources that name an owner',
  domains: 'domains of addresses that member accounts may name as owners',
  channels: 'channels that member accounts may name as owners',
} as const;

const sides = (from: unknown, to: unknown) => ({ from: from ?? null, to: to ?? null, widens: false });

const differences = (from: object, to: object): string =>
  keysOfBoth(from as Record<string, unknown>, to as Record<string, unknown>)
    .filter((key) => !isEqual(from[key as never], to[key as never]))
    .map((key) => `${key} ${shown(from[key as never])} → ${shown(to[key as never])}`)
    .join(', ');

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing').replaceAll('"', '');
