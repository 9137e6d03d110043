/** Assigns rules to groups: held ones stay where they are, new ones go where there is room, then into new groups. */
import type { IpRangesTarget } from '../contract/targets.ts';
import { attachments, slotsLeft } from './attach.ts';
import { type Bin, type Placed, place } from './place.ts';
import {
  countOf,
  type GroupState,
  type HeldRule,
  type IngressRule,
  isCovered,
  type PerFamily,
  perFamily,
  type RangeGroup,
  ruleKey,
} from './state.ts';

/** Facts that AWS's errors have shown in this run. */
export type Learned = {
  /** Rules that a group held when it took no more, by group. */
  readonly full: ReadonlyMap<string, PerFamily>;
  /** Rules that a group takes, if fewer than configured. */
  readonly rules?: number;
  /** Groups that an interface takes, if fewer than configured. */
  readonly groups?: number;
  /** Names that groups of the VPC have already. */
  readonly taken: ReadonlySet<string>;
};
export const NOTHING_LEARNED: Learned = { full: new Map(), taken: new Set() };

export type Assignment = {
  readonly placed: Placed;
  /** Groups that hold own rules after the plan. */
  readonly used: readonly string[];
  /** Groups that would hold rules if there were room on every interface. */
  readonly wished: readonly string[];
};

/** Groups are filled to nine tenths, so that the next document's rules fit beside those that they replace. */
const FILL = 0.9;

/** `withheld`: whether a rule that is not wanted any more stays all the same. */
export function assign(
  rules: readonly IngressRule[],
  state: GroupState,
  target: IpRangesTarget,
  { learned, withheld }: { readonly learned: Learned; readonly withheld: (rule: HeldRule) => boolean },
): Assignment {
  const holding = state.groups.filter(({ own }) => own.length > 0);
  const { hindered } = attachments(
    state,
    holding.map(({ id }) => id),
  );
  const everywhere = ({ id, own }: RangeGroup) =>
    own.length > 0 ? !hindered.has(id) : state.points.every(({ groups }) => groups.includes(id));
  const sorted = sortOut(rules, state.groups, everywhere, (rule) => withheld(rule) && !isCovered(rule, rules));
  const binOf = (group: RangeGroup): Bin => binFor(group, sorted, state, learned);
  const settled = state.groups.filter(everywhere);
  const fresh = state.groups.filter((group) => !everywhere(group) && group.own.length === 0 && !group.shared);
  const names = freeNames(target.prefixName, state.groups, learned.taken);
  const withMore = (count: number, fill: number): Placed => {
    const more = [...fresh.map((group) => ({ ...binOf(group), isNew: true })).slice(0, count)];
    for (const name of names) {
      if (more.length >= count) break;
      more.push({ ref: name, isNew: true, ...EMPTY, limit: perFamily(() => state.limits.rules) });
    }
    // Groups that are not everywhere take nothing new; their stale rules go as those of others do.
    const stuck = holding.filter(({ id }) => hindered.has(id)).map((group) => ({ ...binOf(group), limit: NO_ROOM }));
    return place(sorted, [...settled.map(binOf), ...more, ...stuck], fill);
  };

  const slots = Math.min(slotsLeft(state), sorted.pending.length);
  const few = Math.min(slots, Math.max(0, mostGroups(rules, state) - settled.length));
  const atOnce = withMore(few, FILL);
  const inTurn = withMore(few, 1);
  const isAtOnce = atOnce.left.length === 0 && atOnce.rounds === 1;
  const placed = isAtOnce ? atOnce : inTurn.left.length === 0 ? inTurn : withMore(slots, 1);
  const wished = placed.left.length > 0 ? withMore(sorted.pending.length, 1) : placed;
  return { placed, used: usedBy(placed, sorted), wished: usedBy(wished, sorted) };
}

const EMPTY = { stays: perFamily(() => 0), stale: [] };
const NO_ROOM = perFamily(() => 0);

type Sorted = {
  readonly kept: ReadonlyMap<string, readonly HeldRule[]>;
  readonly stale: ReadonlyMap<string, readonly HeldRule[]>;
  readonly pending: readonly IngressRule[];
  /** Wanted rules in groups that are not everywhere. */
  readonly gaps: readonly IngressRule[];
};

/** Keeps a rule in the first group that holds it. A rule of people that says the same is not repeated. */
function sortOut(
  rules: readonly IngressRule[],
  groups: readonly RangeGroup[],
  everywhere: (group: RangeGroup) => boolean,
  withheld: (rule: HeldRule) => boolean,
): Sorted {
  const missing = new Map(rules.map((rule) => [ruleKey(rule), rule]));
  const kept = new Map<string, HeldRule[]>();
  const stale = new Map<string, HeldRule[]>();
  const gaps: IngressRule[] = [];
  for (const group of groups) {
    const stays: HeldRule[] = [];
    const goes: HeldRule[] = [];
    for (const rule of group.own) {
      const isWanted = missing.delete(ruleKey(rule));
      if (isWanted && !everywhere(group)) gaps.push(rule);
      (isWanted || withheld(rule) ? stays : goes).push(rule);
    }
    kept.set(group.id, stays);
    stale.set(group.id, goes);
  }
  for (const rule of groups.filter(everywhere).flatMap(({ foreign }) => foreign)) missing.delete(ruleKey(rule));
  return { kept, stale, pending: [...missing.values()], gaps };
}

/** Returns one group more than rules need that fill nine tenths of each. */
function mostGroups(rules: readonly IngressRule[], { groups, limits }: GroupState): number {
  const needed = perFamily((family) => {
    const foreign = groups.reduce((sum, { foreignWeight }) => sum + foreignWeight[family], 0);
    return Math.ceil((countOf(rules, family) + foreign) / (FILL * limits.rules));
  });
  return Math.max(...Object.values(needed)) + 1;
}

function binFor({ id, foreignWeight }: RangeGroup, { kept, stale }: Sorted, { limits }: GroupState, { full }: Learned) {
  return {
    ref: id,
    isNew: false,
    stays: perFamily((family) => foreignWeight[family] + countOf(kept.get(id)!, family)),
    stale: stale.get(id)!,
    limit: perFamily((family) => Math.min(limits.rules, full.get(id)?.[family] ?? limits.rules)),
  };
}

const usedBy = ({ authorize }: Placed, { kept }: Sorted): string[] => [
  ...new Set([...[...kept].filter(([, { length }]) => length > 0).map(([id]) => id), ...authorize.keys()]),
];

/** Names groups `AUTOUPDATE-1`, `AUTOUPDATE-2`, …, as far as they are free. */
function freeNames(prefix: string, groups: readonly RangeGroup[], taken: ReadonlySet<string>): Iterable<string> {
  const known = new Set([...taken, ...groups.map(({ name }) => name)]);
  return {
    *[Symbol.iterator]() {
      for (let n = 1; ; n++) if (!known.has(`${prefix}-${n}`)) yield `${prefix}-${n}`;
    },
  };
}
