/**
 * Plans the same ranges in prefix lists of the account, one a family: what is to be added and removed, in calls each of
 * which leaves in the list what is still wanted. Pure.
 */
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Cidr, contains, FAMILIES, type Family, formatCidr, minimalCover, overlaps } from './cidr.ts';
import { type Document, wantedRanges } from './document.ts';
import type { PlanOptions, TargetPlan } from './plan.ts';
import { shrinkGuard } from './shrink.ts';
import { listing } from './state.ts';

export type RangeList = {
  readonly id: string;
  readonly family: Family;
  readonly maxEntries: number;
  readonly own: readonly Cidr[];
  /** Other people's entries. */
  readonly foreign: readonly Cidr[];
  /** Accounts, units and organizations that may name the list already. */
  readonly sharedWith: readonly string[];
  /** Groups of the account that name the list, each with the rules that it has besides. */
  readonly users: readonly { readonly group: string; readonly others: number }[];
};
/** `rulesPerGroup`: no group can name a list for more entries. */
export type ListState = { readonly lists: readonly RangeList[]; readonly rulesPerGroup: number };

/** Without `list`, the one that an earlier step creates. */
export type ListStep = { readonly family: Family; readonly list?: RangeList } & (
  | { readonly kind: 'create-list'; readonly maxEntries: number; readonly add: readonly Cidr[] }
  | { readonly kind: 'resize-list'; readonly maxEntries: number }
  | { readonly kind: 'modify-list'; readonly add: readonly Cidr[]; readonly remove: readonly Cidr[] }
  | { readonly kind: 'share-list'; readonly principals: readonly string[] }
  | { readonly kind: 'delete-list'; readonly list: RangeList }
);

/** Families whose lists EC2 could not resize in this run. */
export type ListsLearned = ReadonlySet<Family>;

/** Entries that a ModifyManagedPrefixList adds, and removes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html */
const CHUNK = 100;
/** Entries that a list has room for. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const LIST_LIMIT = 1000;

export function planLists(
  document: Document,
  { lists, rulesPerGroup }: ListState,
  target: IpRangesTarget,
  { allowShrink, baseline, learned = new Set() }: PlanOptions & { readonly learned?: ListsLearned } = {},
): TargetPlan<ListStep> {
  const wanted = wantedRanges(document, target);
  const guard = allowShrink ? undefined : shrinkGuard(baseline ?? listedRanges({ lists }), wanted, target);
  const planned = FAMILIES.map((family) => {
    const ranges = wanted.ranges.filter((cidr) => cidr.family === family);
    const list = lists.find((one) => one.family === family);
    if (!list && ranges.length === 0) return { steps: [], blocked: [] };
    return planList({ family, list, ranges, isWithheld: guard?.families.has(family) ?? false }, target, {
      capacity: capacityOf(list, Math.min(LIST_LIMIT, rulesPerGroup)),
      rulesPerGroup,
      isFixed: learned.has(family),
    });
  });
  const steps = planned.flatMap((one) => one.steps);
  const count = (of: (step: ListStep) => number) => steps.reduce((sum, step) => sum + of(step), 0);
  return {
    steps,
    ...(guard?.refused !== undefined && { refused: guard.refused }),
    blocked: planned.flatMap(({ blocked }) => blocked),
    notes: [],
    figures: {
      ranges: wanted.ranges.length,
      rules: wanted.ranges.length,
      added: count((step) => ('add' in step ? step.add.length : 0)),
      removed: count((step) => ('remove' in step ? step.remove.length : 0)),
      groups: lists.length + count(({ kind }) => Number(kind === 'create-list')),
    },
  };
}

export const listedRanges = ({ lists }: Pick<ListState, 'lists'>): Cidr[] => lists.flatMap(({ own }) => own);

type Entries = {
  readonly family: Family;
  readonly list?: RangeList;
  readonly ranges: readonly Cidr[];
  /** Whether entries stay that the document does not let in. */
  readonly isWithheld: boolean;
};
type Sizes = {
  /** Entries for which every group that is known to name the list has room. */
  readonly capacity: number;
  readonly rulesPerGroup: number;
  /** Whether EC2 could not resize the list in this run. */
  readonly isFixed: boolean;
};

const capacityOf = (list: RangeList | undefined, limit: number): number =>
  Math.min(limit, ...(list?.users ?? []).map(({ others }) => limit - others));

function planList({ family, list, ranges, isWithheld }: Entries, target: IpRangesTarget, sizes: Sizes) {
  const there = new Set([...(list?.own ?? []), ...(list?.foreign ?? [])].map(formatCidr));
  const stays = new Set(ranges.map(formatCidr));
  const cover = minimalCover(ranges);
  const isKept = (cidr: Cidr) =>
    stays.has(formatCidr(cidr)) || (isWithheld && !cover.some((range) => contains(range, cidr)));
  const add = ranges.filter((cidr) => !there.has(formatCidr(cidr)));
  const remove = (list?.own ?? []).filter((cidr) => !isKept(cidr));
  const { peak } = modifications(there.size, add, remove, Number.POSITIVE_INFINITY);
  const size = sizeFor(peak, list, target, sizes);
  const changes = modifications(there.size, add, remove, size);
  const blocked =
    changes.left.length > 0
      ? [tooLarge(family, list, there.size + add.length - remove.length, changes.left, sizes)]
      : [];
  const unshared = (target.shareWith ?? []).filter((one) => !list?.sharedWith.includes(one));
  const share: ListStep[] = unshared.length > 0 ? [{ kind: 'share-list', family, list, principals: unshared }] : [];
  const modify = changes.calls.map((of): ListStep => ({ kind: 'modify-list', family, list, ...of }));
  if (list) {
    const resize: ListStep[] = size > list.maxEntries ? [{ kind: 'resize-list', family, list, maxEntries: size }] : [];
    return { steps: [...resize, ...modify, ...share], blocked };
  }
  if (blocked.length > 0) return { steps: [], blocked };
  const create: ListStep = { kind: 'create-list', family, maxEntries: size, add: changes.calls[0]!.add };
  return { steps: [create, ...modify.slice(1), ...share], blocked };
}

/** Leaves a tenth of room: each resize weighs on the rules of every group that names the list. */
function sizeFor(peak: number, list: RangeList | undefined, { maxEntries = 0 }: IpRangesTarget, sizes: Sizes): number {
  const now = list?.maxEntries ?? 0;
  if (list && (peak <= now || sizes.isFixed)) return now;
  return Math.max(now, Math.min(Math.max(Math.ceil(peak * 1.1), maxEntries), sizes.capacity));
}

/**
 * Splits a change into calls, each of which adds before it lets go: an entry is only removed when all that overlaps it is
 * there. `left`: what does not fit into `size`; `peak`: the most entries that the list holds after any call.
 */
function modifications(count: number, add: readonly Cidr[], remove: readonly Cidr[], size: number) {
  const calls: { readonly add: readonly Cidr[]; readonly remove: readonly Cidr[] }[] = [];
  let [now, peak, left, stale] = [count, count, add, remove];
  for (;;) {
    const lastAwaited = new Map(stale.map((old) => [old, left.findLastIndex((cidr) => overlaps(cidr, old))]));
    const removable = (adds: number) => stale.filter((old) => lastAwaited.get(old)! < adds).slice(0, CHUNK);
    let adds = Math.min(CHUNK, left.length);
    while (adds > 0 && now + adds - removable(adds).length > size) adds -= 1;
    const gone = removable(adds);
    if (adds + gone.length === 0) return { calls, left, peak };
    calls.push({ add: left.slice(0, adds), remove: gone });
    left = left.slice(adds);
    stale = stale.filter((old) => !gone.includes(old));
    now += adds - gone.length;
    peak = Math.max(peak, now);
  }
}

function tooLarge(family: Family, list: RangeList | undefined, needed: number, left: readonly Cidr[], sizes: Sizes) {
  const name = list ? `the ${family} list ${list.id}, which is for ${list.maxEntries} entries,` : `a list of ${family}`;
  const needs = `${name} would need room for ${needed}`;
  const out = `${left.length} of them are not in it: ${listing(left.map(formatCidr))}`;
  if (needed > LIST_LIMIT) return `${needs}, more than the ${LIST_LIMIT} that AWS takes, so ${out}`;
  if (needed > sizes.rulesPerGroup)
    return `${needs}, more than the ${sizes.rulesPerGroup} rules that a group takes, so no group could name it and ${out}; raise the quota and rulesPerGroup`;
  const full = (list?.users ?? []).filter(({ others }) => others + needed > sizes.rulesPerGroup);
  const groups = full.map(({ group, others }) => `${group} has ${others} other rules`).join(', ');
  return `${needs}, for which the groups that name it have no room, so ${out}; of at most ${sizes.rulesPerGroup} rules, ${groups || 'groups of the accounts that share it have too many others'}: make room there, or raise their quota`;
}
