/** Rules into groups: those that are there stay where they are, new ones go where there is room, then into new groups. */
import type { IpRangesTarget } from '../contract/targets.ts';
import { attachments, slotsLeft } from './attach.ts';
import type { Family } from './cidr.ts';
import { type Bin, countOf, type Placed, perFamily, placeAtOnce, placeInTurn, placePartly } from './place.ts';
import { type Group, type HeldRule, keyOf, type PerFamily, type Rule, type State } from './state.ts';

/** What AWS's errors have shown in this run. */
export type Learned = {
  /** Groups that took no more: what they held then, by group. */
  readonly full: ReadonlyMap<string, PerFamily>;
  /** Rules that a group takes, where that turned out to be fewer than configured. */
  readonly rules?: number;
  /** The same of groups that an interface takes. */
  readonly groups?: number;
  /** Names that groups of the VPC have already. */
  readonly taken: ReadonlySet<string>;
};
export const NOTHING_LEARNED: Learned = { full: new Map(), taken: new Set() };

export type Arranged = {
  readonly placed: Placed;
  /** Groups that hold rules of ours in the end. */
  readonly used: readonly string[];
  /** Groups to be detached and deleted. */
  readonly leaving: readonly string[];
};
export type Blocked = { readonly blocked: readonly string[] };

type Way = (pending: readonly Rule[], bins: readonly Bin[]) => Placed | undefined;

export function arranged(
  rules: readonly Rule[],
  state: State,
  target: IpRangesTarget,
  learned: Learned,
): Arranged | Blocked {
  const sorted = sortedOut(rules, state.groups);
  const limit = state.limits.rules;
  const binOf = binsFor(sorted, limit, learned);
  const spare = state.groups.filter((group) => isSpare(group, state));
  const settled = state.groups.filter((group) => !spare.includes(group));
  const slots = slotsLeft(state, settled);
  const names = newNames(target.prefixName, state.groups, learned.taken);
  const attempt = (way: Way, more: number, isFull: boolean): Arranged | undefined => {
    const fresh = [
      ...spare.map((group) => ({ ...binOf(group, isFull), isNew: true })),
      ...names(Math.max(0, more - spare.length)).map((name) => newBin(name, limit, isFull)),
    ];
    const bins = [...settled.map((group) => binOf(group, isFull)), ...fresh.slice(0, Math.max(0, more))];
    const placed = way(sorted.pending, bins);
    return placed && { placed, used: usedBy(placed, sorted), leaving: [] };
  };

  const more = Math.max(0, mostGroups(rules, state.groups, limit) - settled.length);
  const found =
    attempt(placeAtOnce, Math.min(more, slots), false) ??
    attempt(placeInTurn, Math.min(more, slots), false) ??
    attempt(placeAtOnce, Math.min(more, slots), true) ??
    attempt(placeInTurn, Math.min(more, slots), true) ??
    attempt(placePartly, Math.min(more, slots), true) ??
    attempt(placeAtOnce, Math.min(sorted.pending.length, slots), false);
  if (found) return found;
  const wished = attempt(placeAtOnce, sorted.pending.length, false)!;
  return { blocked: attachments(state, wished.used).problems };
}

export type Sorted = {
  readonly kept: ReadonlyMap<string, readonly HeldRule[]>;
  readonly stale: ReadonlyMap<string, readonly HeldRule[]>;
  readonly pending: readonly Rule[];
};

/** A rule stays in the first group that holds it. What people allow in the very same words is not said twice. */
export function sortedOut(rules: readonly Rule[], groups: readonly Group[]): Sorted {
  const missing = new Map(rules.map((rule) => [keyOf(rule), rule]));
  const kept = new Map<string, HeldRule[]>();
  const stale = new Map<string, HeldRule[]>();
  for (const { id, own } of groups) {
    const { stays = [], goes = [] } = Object.groupBy(own, (rule) => (missing.delete(keyOf(rule)) ? 'stays' : 'goes'));
    kept.set(id, stays);
    stale.set(id, goes);
  }
  for (const rule of groups.flatMap(({ foreign }) => foreign)) missing.delete(keyOf(rule));
  return { kept, stale, pending: [...missing.values()] };
}

/** At most one group more than rules need that fill nine tenths of each. */
function mostGroups(rules: readonly Rule[], groups: readonly Group[], limit: number): number {
  const weight = (family: Family) =>
    countOf(rules, family) + groups.reduce((sum, { foreignWeight }) => sum + foreignWeight[family], 0);
  return Math.max(...Object.values(perFamily((family) => Math.ceil(weight(family) / (0.9 * limit))))) + 1;
}

/** Room is left so that rules can be authorized before others are revoked. */
export const filledTo = (limit: number, isFull: boolean): number =>
  isFull ? limit : Math.max(1, Math.floor(0.9 * limit));

export const binsFor =
  ({ kept, stale }: Sorted, limit: number, { full }: Learned) =>
  ({ id, foreignWeight }: Group, isFull: boolean): Bin => {
    const stays = perFamily((family) => foreignWeight[family] + countOf(kept.get(id)!, family));
    const limits = perFamily((family) => Math.min(limit, full.get(id)?.[family] ?? limit));
    const fill = perFamily((family) => Math.min(limits[family], filledTo(limit, isFull)));
    return { ref: id, isNew: false, stays, stale: stale.get(id)!, limit: limits, fill };
  };

const newBin = (ref: string, limit: number, isFull: boolean): Bin => ({
  ref,
  isNew: true,
  stays: perFamily(() => 0),
  stale: [],
  limit: perFamily(() => limit),
  fill: perFamily(() => filledTo(limit, isFull)),
});

/** Made by a run that was cut off, or emptied: it waits for rules, and must be attached before they count. */
const isSpare = ({ id, created, own, shared }: Group, { points }: State) =>
  created && !shared && own.length === 0 && !(points.length > 0 && points.every(({ groups }) => groups.includes(id)));

export const usedBy = ({ before, after }: Placed, { kept }: Sorted): string[] => [
  ...new Set([
    ...[...kept].filter(([, rules]) => rules.length > 0).map(([id]) => id),
    ...[...before, ...after].filter(({ kind }) => kind === 'authorize').map(({ group }) => group),
  ]),
];

/** `AUTOUPDATE-1`, `AUTOUPDATE-2`, …, as far as they are free. */
const newNames = (prefix: string, groups: readonly Group[], taken: ReadonlySet<string>) => {
  const known = new Set([...taken, ...groups.map(({ name }) => name)]);
  return (count: number): string[] => {
    const names: string[] = [];
    for (let n = 1; names.length < count; n++) if (!known.has(`${prefix}-${n}`)) names.push(`${prefix}-${n}`);
    return names;
  };
};
