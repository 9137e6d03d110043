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

/** Families whose rules stay although the document does not have them, or `everything`: no rule is revoked. */
export type Withheld = ReadonlySet<Family> | 'everything';

export type Sorted = ReturnType<typeof sortOut>;

/**
 * Returns which own rules stay (`isKept`), which rules no group holds (`pending`), and which only `partial` groups
 * hold, so that they are not let in everywhere (`gaps`). A rule stays in one of the groups that hold it. A rule that
 * people have added already is not added again.
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

/**
 * Returns a place for rules: how many of its rules stay, which are stale, and how many AWS takes, as far as is known.
 */
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
 * Places the rules for which there is room, up to the part `fill` (0 to 1) of each limit. Revokes stale rules, except
 * those that overlap a gap or a rule without a place. That makes room for later plans, which place the rest.
 */
export function place({ pending, gaps }: Pick<Sorted, 'pending' | 'gaps'>, bins: readonly Bin[], fill: number): Placed {
  const rooms = bins.map((bin) => ({ bin, room: roomIn(bin, fill), rules: [] as IngressRule[] }));
  // One call is enough if one group takes all of them.
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

/** Puts rules first for which stale rules wait, beginning with stale rules that wait for the fewest. */
function mostAwaitedFirst(pending: readonly IngressRule[], bins: readonly Bin[]): Set<IngressRule> {
  const awaited = bins.flatMap(({ stale }) => stale.map((old) => pending.filter((rule) => rulesMeet(old, rule))));
  return new Set([...awaited.toSorted((a, b) => a.length - b.length).flat(), ...pending]);
}

const roomIn = ({ limit, stays, stale }: Bin, fill: number): Record<Family, number> =>
  perFamily(
    (family) => Math.min(Math.floor(fill * limit[family]), limit[family] - countOf(stale, family)) - stays[family],
  );
