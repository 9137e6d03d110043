/** Places rules where there is room, so that no call takes away what is still wanted. */
import { FAMILIES, type Family } from './cidr.ts';
import {
  countOf,
  type HeldRule,
  type IngressRule,
  isCovered,
  type PerFamily,
  perFamily,
  type RangeGroup,
  ruleKey,
  rulesMeet,
} from './state.ts';

/** A group or prefix list with the rules or entries that it has. */
export type Holding = Pick<RangeGroup, 'id' | 'own' | 'foreign' | 'foreignWeight'>;
export const NO_ROOM = perFamily(() => 0);
export const NOTHING_HELD = { own: [], foreign: [], foreignWeight: NO_ROOM };

/** Families of which nothing may go that the document does not let in; or nothing may go at all. */
export type Withheld = ReadonlySet<Family> | 'everything';

export type Sorted = ReturnType<typeof sortOut>;

/**
 * Tells which own rules stay, which rules nothing holds, and which are held but not let in everywhere (`gaps`): those of
 * `partial` groups. A rule stays in one group that holds it, and is not repeated where people's rule says the same.
 */
export function sortOut(
  rules: readonly IngressRule[],
  { settled = [], partial = [] }: { readonly settled?: readonly Holding[]; readonly partial?: readonly Holding[] },
  withheld: Withheld,
) {
  const wanted = new Set(rules.map(ruleKey));
  const held = [...partial, ...settled].flatMap(({ own }) => own);
  const keepers = new Map(held.map((rule) => [ruleKey(rule), rule.id]));
  const foreign = new Set(settled.flatMap((group) => group.foreign.map(ruleKey)));
  const isKept = (rule: HeldRule) => {
    if (withheld === 'everything') return true;
    if (wanted.has(ruleKey(rule))) return keepers.get(ruleKey(rule)) === rule.id;
    return withheld.has(rule.cidr.family) && !isCovered(rule, rules);
  };
  return {
    pending: rules.filter((rule) => !keepers.has(ruleKey(rule)) && !foreign.has(ruleKey(rule))),
    gaps: partial.flatMap(({ own }) => own.filter(isKept)),
    isKept,
  };
}

export type Bin = ReturnType<typeof binOf>;

/** Returns what rules go into: which of its rules stay, which are stale, and how many AWS takes, as far as is known. */
export const binOf = ({ id, own, foreignWeight }: Holding, { isKept }: Sorted, limit: PerFamily) => ({
  ref: id,
  isEmpty: own.length === 0,
  stays: perFamily((family) => foreignWeight[family] + countOf(own.filter(isKept), family)),
  stale: own.filter((rule) => !isKept(rule)),
  limit,
});

export type Placed = {
  readonly authorize: readonly { readonly kind: 'authorize'; readonly group: string; readonly rules: IngressRule[] }[];
  readonly revoke: readonly { readonly kind: 'revoke'; readonly group: string; readonly rules: HeldRule[] }[];
  /** Rules for which there is no room, in this plan or in those that follow. */
  readonly left: readonly IngressRule[];
};

/**
 * Places as much as there is room for, up to the part `fill` of each limit, and revokes what is then let in elsewhere.
 * That makes room for later plans, which place the rest.
 */
export function place({ pending, gaps }: Pick<Sorted, 'pending' | 'gaps'>, bins: readonly Bin[], fill: number): Placed {
  const rooms = bins.map((bin) => ({ bin, room: roomIn(bin, fill), rules: [] as IngressRule[] }));
  // One call where one group takes all of it.
  const whole = rooms.find(
    ({ bin, room }) => !bin.isEmpty && FAMILIES.every((family) => countOf(pending, family) <= room[family]),
  );
  const left: IngressRule[] = [];
  for (const rule of mostAwaitedFirst(pending, bins)) {
    const found = whole ?? rooms.find(({ room }) => room[rule.cidr.family] > 0);
    if (found) found.room[rule.cidr.family] -= 1;
    (found?.rules ?? left).push(rule);
  }
  const missing = [...left, ...gaps];
  const isNeeded = (old: HeldRule) => missing.some((rule) => rulesMeet(old, rule));
  const authorize = rooms
    .map(({ bin, rules }) => ({ kind: 'authorize', group: bin.ref, rules }) as const)
    .filter(({ rules }) => rules.length > 0);
  const revoke = bins
    .map(({ ref, stale }) => ({ kind: 'revoke', group: ref, rules: stale.filter((old) => !isNeeded(old)) }) as const)
    .filter(({ rules }) => rules.length > 0);
  if (authorize.length + revoke.length === 0) return { authorize, revoke, left };
  const next = rooms.map(({ bin, rules }) => ({
    ...bin,
    stays: perFamily((family) => bin.stays[family] + countOf(rules, family)),
    stale: bin.stale.filter(isNeeded),
  }));
  return { authorize, revoke, left: place({ pending: left, gaps }, next, fill).left };
}

/** Rules that stale ones wait for come first: of a stale rule that waits for one before one that waits for many. */
function mostAwaitedFirst(pending: readonly IngressRule[], bins: readonly Bin[]): Set<IngressRule> {
  const awaited = bins.flatMap(({ stale }) => stale.map((old) => pending.filter((rule) => rulesMeet(old, rule))));
  return new Set([...awaited.toSorted((a, b) => a.length - b.length).flat(), ...pending]);
}

const roomIn = ({ limit, stays, stale }: Bin, fill: number): Record<Family, number> =>
  perFamily(
    (family) => Math.min(Math.floor(fill * limit[family]), limit[family] - countOf(stale, family)) - stays[family],
  );
