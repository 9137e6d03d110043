/** Decides which group takes which rule: first fit, and never so that a call takes away what is still wanted. */
import { FAMILIES } from './cidr.ts';
import { countOf, type HeldRule, type IngressRule, type PerFamily, perFamily, rulesMeet } from './state.ts';

/** A group that rules can go into, because it is attached everywhere or can be. */
export type Bin = {
  readonly ref: string;
  readonly isNew: boolean;
  /** Rules that stay: own ones that are wanted, and other people's. */
  readonly stays: PerFamily;
  /** Own rules that are not wanted any more. */
  readonly stale: readonly HeldRule[];
  /** Rules that AWS takes, as far as is known of this group. */
  readonly limit: PerFamily;
};

export type Placed = {
  readonly authorize: ReadonlyMap<string, readonly IngressRule[]>;
  readonly revoke: ReadonlyMap<string, readonly HeldRule[]>;
  /** Rules for which there is no room, in this plan or in those that follow. */
  readonly left: readonly IngressRule[];
  /** Plans that it takes until nothing more fits: revoked rules make room for the next plan. */
  readonly rounds: number;
};

/** `gaps`: rules that are wanted and not let in everywhere, so that nothing that overlaps them may go. */
type Placing = { readonly pending: readonly IngressRule[]; readonly gaps: readonly IngressRule[] };

/** Places as much as there is room for, and revokes what is then let in elsewhere; later plans place the rest. */
export function place({ pending, gaps }: Placing, bins: readonly Bin[], fill: number): Placed {
  const first = placeOnce({ pending, gaps }, bins, fill);
  let next = first;
  let rounds = 1;
  for (; next.left.length > 0 && next.authorize.size + next.revoke.size > 0; rounds++)
    next = placeOnce({ pending: next.left, gaps }, next.bins, fill);
  return { ...first, left: next.left, rounds };
}

/** `fill`: the part of its limit up to which a group is filled, 0 to 1. */
function placeOnce({ pending, gaps }: Placing, bins: readonly Bin[], fill: number) {
  const rooms = bins.map((bin) => ({ bin, room: roomIn(bin, fill), rules: [] as IngressRule[] }));
  // One call where one group takes all of it.
  const whole = rooms.find(
    ({ bin, room }) => !bin.isNew && FAMILIES.every((each) => countOf(pending, each) <= room[each]),
  );
  const left = new Set(whole ? [] : mostAwaitedFirst(pending, bins));
  if (whole) whole.rules.push(...pending);
  for (const rule of left) {
    const found = rooms.find(({ room }) => room[rule.cidr.family] > 0);
    if (!found) continue;
    found.room[rule.cidr.family] -= 1;
    found.rules.push(rule);
    left.delete(rule);
  }
  const missing = [...left, ...gaps];
  const goes = (old: HeldRule) => !missing.some((rule) => rulesMeet(old, rule));
  return {
    authorize: new Map(rooms.filter(({ rules }) => rules.length > 0).map(({ bin, rules }) => [bin.ref, rules])),
    revoke: new Map(
      bins.map(({ ref, stale }) => [ref, stale.filter(goes)] as const).filter(([, { length }]) => length),
    ),
    left: [...left],
    bins: rooms.map(({ bin, rules }) => ({
      ...bin,
      stays: perFamily((family) => bin.stays[family] + countOf(rules, family)),
      stale: bin.stale.filter((old) => !goes(old)),
    })),
  };
}

/** Rules that stale ones wait for come first: of a stale rule that waits for one before one that waits for many. */
function mostAwaitedFirst(pending: readonly IngressRule[], bins: readonly Bin[]): Set<IngressRule> {
  const awaited = bins.flatMap(({ stale }) => stale.map((old) => pending.filter((rule) => rulesMeet(old, rule))));
  return new Set([...awaited.toSorted((a, b) => a.length - b.length).flat(), ...pending]);
}

/** Returns the room for new rules while the old ones are still there. */
const roomIn = ({ limit, stays, stale }: Bin, fill: number): Record<(typeof FAMILIES)[number], number> =>
  perFamily((family) => {
    const filled = Math.max(Math.min(1, limit[family]), Math.floor(fill * limit[family])) - stays[family];
    return Math.min(filled, limit[family] - stays[family] - countOf(stale, family));
  });
