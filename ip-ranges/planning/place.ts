/** Places rules into groups with room. No step revokes a rule that is still needed. */
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

/** The rules of a group, or the entries of a prefix list. */
export type RuleHolder = Pick<RangeGroup, 'id' | 'own' | 'foreign' | 'foreignWeight'>;
export const NO_ROOM = perFamily(() => 0);
export const NO_RULES = { own: [], foreign: [], foreignWeight: NO_ROOM };

/** Families whose rules stay although the document does not have them, or `everything`: no rule is revoked. */
export type Withheld = ReadonlySet<Family> | 'everything';

export type RuleDiff = ReturnType<typeof diffRules>;

/**
 * Compares the rules with those of groups. Returns which own rules stay (`isKept`), each in one group only, which rules
 * no group has (`pending`), not even one that people added, and which rules only `partial` groups have (`gaps`): those
 * groups are not on every interface.
 */
export function diffRules(
  rules: readonly IngressRule[],
  {
    settled = [],
    partial = [],
  }: { readonly settled?: readonly RuleHolder[]; readonly partial?: readonly RuleHolder[] },
  withheld: Withheld,
) {
  const wanted = new Set(rules.map(ruleKey));
  const own = [...partial, ...settled].flatMap((group) => group.own);
  const keptIds = new Map(own.map((rule) => [ruleKey(rule), rule.id]));
  const foreign = new Set(settled.flatMap((group) => group.foreign.map(ruleKey)));
  const isKept = (rule: HeldRule) => {
    if (withheld === 'everything') return true;
    if (wanted.has(ruleKey(rule))) return keptIds.get(ruleKey(rule)) === rule.id;
    return withheld.has(rule.cidr.family) && !isCovered(rule, rules);
  };
  return {
    pending: rules.filter((rule) => !keptIds.has(ruleKey(rule)) && !foreign.has(ruleKey(rule))),
    gaps: partial.flatMap(({ own }) => own.filter(isKept)),
    isKept,
  };
}

export type Bin = ReturnType<typeof binOf>;

/** Returns a bin for rules: how many of its rules stay, which are stale, and the known limit of AWS. */
export const binOf = ({ id, own, foreignWeight }: RuleHolder, { isKept }: RuleDiff, limit: PerFamily) => ({
  ref: id,
  isEmpty: own.length === 0,
  stays: perFamily((family) => foreignWeight[family] + countOf(own.filter(isKept), family)),
  stale: own.filter((rule) => !isKept(rule)),
  limit,
});

export type Placement = {
  readonly authorize: readonly { readonly kind: 'authorize'; readonly group: string; readonly rules: IngressRule[] }[];
  readonly revoke: readonly { readonly kind: 'revoke'; readonly group: string; readonly rules: HeldRule[] }[];
  /** Rules for which there is no room, in this plan or in those that follow. */
  readonly unplaced: readonly IngressRule[];
};

/**
 * Places the rules for which there is room, up to the part `fill` (0 to 1) of each limit. Revokes stale rules, except
 * those that overlap a gap or an unplaced rule. That makes room for later plans, which place the rest.
 */
export function placeInBins(diff: Pick<RuleDiff, 'pending' | 'gaps'>, bins: readonly Bin[], fill: number): Placement {
  const { pending, gaps } = diff;
  const rooms = bins.map((bin) => ({ bin, room: roomIn(bin, fill), rules: [] as IngressRule[] }));
  // One call is enough if one group has room for all of them.
  const roomForAll = rooms.find(
    ({ bin, room }) => !bin.isEmpty && FAMILIES.every((family) => countOf(pending, family) <= room[family]),
  );
  const unplaced: IngressRule[] = [];
  for (const rule of unblockingFirst(pending, bins)) {
    const chosen = roomForAll ?? rooms.find(({ room }) => room[rule.cidr.family] > 0);
    if (chosen) chosen.room[rule.cidr.family] -= 1;
    (chosen?.rules ?? unplaced).push(rule);
  }
  const missing = [...unplaced, ...gaps];
  const isNeeded = (old: HeldRule) => missing.some((rule) => rulesMeet(old, rule));
  const authorize = rooms
    .map(({ bin, rules }) => ({ kind: 'authorize', group: bin.ref, rules }) as const)
    .filter(({ rules }) => rules.length > 0);
  const revoke = bins
    .map(({ ref, stale }) => ({ kind: 'revoke', group: ref, rules: stale.filter((old) => !isNeeded(old)) }) as const)
    .filter(({ rules }) => rules.length > 0);
  if (authorize.length + revoke.length === 0) return { authorize, revoke, unplaced };
  const binsAfter = rooms.map(({ bin, rules }) => ({
    ...bin,
    stays: perFamily((family) => bin.stays[family] + countOf(rules, family)),
    stale: bin.stale.filter(isNeeded),
  }));
  return { authorize, revoke, unplaced: placeInBins({ pending: unplaced, gaps }, binsAfter, fill).unplaced };
}

/** Puts rules first that let a stale rule be revoked, beginning with stale rules that wait for the fewest rules. */
function unblockingFirst(pending: readonly IngressRule[], bins: readonly Bin[]): Set<IngressRule> {
  const overlaps = bins.flatMap(({ stale }) => stale.map((old) => pending.filter((rule) => rulesMeet(old, rule))));
  return new Set([...overlaps.toSorted((a, b) => a.length - b.length).flat(), ...pending]);
}

const roomIn = ({ limit, stays, stale }: Bin, fill: number): Record<Family, number> =>
  perFamily(
    (family) => Math.min(Math.floor(fill * limit[family]), limit[family] - countOf(stale, family)) - stays[family],
  );
