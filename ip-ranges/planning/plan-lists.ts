/** Plans the entries to add to and remove from prefix lists of the account, one list a family. Pure. */
import type { IpRangesTarget } from '../contract/targets.ts';
import { FAMILIES, type Family, formatCidr } from './cidr.ts';
import { type Document, wantedRanges } from './document.ts';
import { binOf, diffRules, NO_RULES, placeInBins, type RuleDiff, type RuleHolder } from './place.ts';
import { heldRanges, type PlanOptions, type RemovalPlan, shrinkGuard, type TargetPlan } from './plan.ts';
import { type IngressRule, listing, perFamily, rulesFor } from './state.ts';

export type RangeList = RuleHolder & {
  readonly family: Family;
  /** 0 for a list that does not exist yet. */
  readonly maxEntries: number;
  /** EC2 could not resize it in this run. */
  readonly isFixed?: boolean;
  /** Accounts, units and organizations that may name the list already. */
  readonly sharedWith: readonly string[];
  /** Groups of the account that name the list, each with the rules that it has besides. */
  readonly users: readonly { readonly group: string; readonly others: number }[];
};
/** `rulesPerGroup`: no group can name a list for more entries. */
export type ListState = { readonly groups: readonly RangeList[]; readonly rulesPerGroup: number };
type Rules = readonly IngressRule[];
export type ListStep =
  | { readonly kind: 'create-list' | 'resize-list'; readonly list: RangeList; readonly maxEntries: number }
  | { readonly kind: 'modify-list'; readonly list: RangeList; readonly add: Rules; readonly remove: Rules }
  | { readonly kind: 'share-list'; readonly list: RangeList; readonly principals: readonly string[] }
  | { readonly kind: 'delete-list'; readonly list: RangeList }
  | { readonly kind: 'delete-share'; readonly share: string };

/** An entry is planned as a rule with these ports. The rules of groups that name the list decide the real ports. */
export const ENTRY = { protocol: 'tcp', from: 0, to: 65_535 } as const;
const NO_LIST = { ...NO_RULES, id: '', maxEntries: 0, sharedWith: [], users: [] };
/**
 * The most entries that AWS allows in a list. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const LIST_LIMIT = 1000;

export function planLists(
  document: Document,
  state: ListState,
  target: IpRangesTarget,
  { allowShrink, halted, baseline }: PlanOptions = {},
): TargetPlan<ListStep> {
  const wanted = wantedRanges(document, target);
  const { withheld, refused } = shrinkGuard(baseline ?? heldRanges(state), wanted, target, allowShrink);
  const entries = rulesFor(wanted.ranges, [ENTRY]);
  const planned = FAMILIES.map((family) => {
    const list = state.groups.find((one) => one.family === family) ?? { ...NO_LIST, family };
    const rules = entries.filter(({ cidr }) => cidr.family === family);
    const diff = diffRules(rules, { settled: [list] }, halted ? 'everything' : withheld);
    return planList(list, diff, target, state.rulesPerGroup);
  });
  const steps = planned.flatMap((one) => one.steps);
  const created = steps.filter(({ kind }) => kind === 'create-list').length;
  const figures = { ranges: wanted.ranges.length, groups: state.groups.length + created };
  return { steps, refused, blocked: planned.flatMap(({ blocked }) => blocked), notes: [], figures };
}

function planList(
  list: RangeList,
  diff: RuleDiff,
  { maxEntries = 0, shareWith = [] }: IpRangesTarget,
  rulesPerGroup: number,
) {
  const now = list.maxEntries;
  if (now === 0 && diff.pending.length === 0) return { steps: [], blocked: [] };
  const needed = list.foreign.length + list.own.filter(diff.isKept).length + diff.pending.length;
  const capacity = Math.min(LIST_LIMIT, rulesPerGroup, ...list.users.map(({ others }) => rulesPerGroup - others));
  // Leaves a tenth of room: each resize weighs on the rules of every group that names the list.
  const roomy = Math.min(Math.max(Math.ceil(needed * 1.1), maxEntries), capacity);
  const sizes = list.isFixed ? [now] : [now, roomy, capacity].filter((size) => size >= now);
  const tries = sizes.map((size) => {
    const limit = perFamily(() => size);
    return { size, ...placeInBins(diff, [binOf(list, diff, limit)], 1) };
  });
  const { size, authorize, revoke, unplaced } = tries.find((one) => one.unplaced.length === 0) ?? tries.at(-1)!;
  const blocked = unplaced.length > 0 ? [tooLarge(list, unplaced, needed, rulesPerGroup)] : [];
  if (now === 0 && unplaced.length > 0) return { steps: [], blocked };

  const [add = [], remove = []] = [authorize[0]?.rules, revoke[0]?.rules];
  const principals = shareWith.filter((one) => !list.sharedWith.includes(one));
  const steps: ListStep[] = [];
  if (size > now) steps.push({ kind: now === 0 ? 'create-list' : 'resize-list', list, maxEntries: size });
  if (add.length + remove.length > 0) steps.push({ kind: 'modify-list', list, add, remove });
  if (principals.length > 0) steps.push({ kind: 'share-list', list, principals });
  return { steps, blocked };
}

/**
 * Plans the removal of lists and their shares. The name of a share ends with its list's id. EC2 refuses to delete a
 * list that a group of another account names.
 */
export function planListRemoval(
  { groups: lists }: ListState,
  shares: ReadonlyMap<string, string>,
): RemovalPlan<ListStep> {
  const { named = [], unused = [] } = Object.groupBy(lists, ({ users }) => (users.length > 0 ? 'named' : 'unused'));
  const free = [...shares].filter(([, name]) => !named.some(({ id }) => name.endsWith(id)));
  const inUse = named.flatMap(({ id, users }) => users.map(({ group }) => `${group} names ${id}`));
  return {
    steps: [
      ...unused.map((list) => ({ kind: 'delete-list', list }) as const),
      ...free.map(([share]) => ({ kind: 'delete-share', share }) as const),
    ],
    blocked: inUse.map((one) => `${one}: take it out of its rules first`),
  };
}

function tooLarge(list: RangeList, unplaced: readonly IngressRule[], needed: number, rulesPerGroup: number): string {
  const { id, family, maxEntries, users } = list;
  const name = id ? `the ${family} list ${id}, which is for ${maxEntries} entries,` : `a list of ${family}`;
  const needs = `${name} would need room for ${needed}`;
  const out = `${unplaced.length} of them are not in it: ${listing(unplaced.map(({ cidr }) => formatCidr(cidr)))}`;
  if (needed > LIST_LIMIT) return `${needs}, more than the ${LIST_LIMIT} that AWS takes, so ${out}`;
  if (needed > rulesPerGroup)
    return `${needs}, more than the ${rulesPerGroup} rules that a group takes, so no group could name it and ${out}; raise the quota and rulesPerGroup`;
  const full = users.filter(({ others }) => others + needed > rulesPerGroup);
  const groups = full.map(({ group, others }) => `${group} has ${others} other rules`).join(', ');
  return `${needs}, for which the groups that name it have no room, so ${out}; of at most ${rulesPerGroup} rules, ${groups || 'groups of the accounts that share it have too many others'}: make room there, or raise their quota`;
}
