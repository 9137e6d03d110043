/**
 * The same ranges in prefix lists of the account, one a family: what is to be added and removed, in chunks that one call
 * takes, each of which leaves in the list what is still wanted. Pure.
 */
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Cidr, FAMILIES, type Family, formatCidr } from './cidr.ts';
import { type Document, wantedRanges } from './document.ts';
import type { Figures, PlanOptions } from './plan.ts';
import { refusal } from './refusal.ts';
import { shrinkOf } from './shrink.ts';

export type PrefixList = {
  readonly id: string;
  readonly family: Family;
  readonly maxEntries: number;
  readonly own: readonly Cidr[];
  /** Entries of people. */
  readonly foreign: readonly Cidr[];
  /** Accounts, units and organizations that may name the list already. */
  readonly sharedWith: readonly string[];
};
export type ListState = { readonly lists: readonly PrefixList[] };

export type ListStep =
  | {
      readonly kind: 'create-list';
      readonly family: Family;
      readonly maxEntries: number;
      readonly add: readonly Cidr[];
    }
  | { readonly kind: 'resize-list'; readonly list: PrefixList; readonly maxEntries: number }
  /** `list` by family where it is made just before. */
  | {
      readonly kind: 'modify-list';
      readonly family: Family;
      readonly list?: PrefixList;
      readonly add: readonly Cidr[];
      readonly remove: readonly Cidr[];
    }
  | {
      readonly kind: 'share-list';
      readonly family: Family;
      readonly list?: PrefixList;
      readonly principals: readonly string[];
    };

export type ListPlan = {
  readonly steps: readonly ListStep[];
  readonly refused?: string;
  readonly blocked: readonly string[];
  readonly notes: readonly string[];
  readonly figures: Figures;
};

/** Entries that a ModifyManagedPrefixList adds, and removes, at most. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html */
const CHUNK = 100;

export function planLists(
  document: Document,
  { lists }: ListState,
  target: IpRangesTarget,
  { allowShrink = false }: PlanOptions = {},
): ListPlan {
  const wanted = wantedRanges(document, target);
  const held = lists.flatMap(({ own }) => own);
  const refused = allowShrink
    ? undefined
    : refusal(wanted.empty, shrinkOf(held, wanted.ranges, target.families), target);
  const figures = {
    ranges: wanted.ranges.length,
    rules: wanted.ranges.length,
    added: 0,
    removed: 0,
    groups: lists.length,
  };
  if (refused !== undefined) return { steps: [], refused, blocked: [], notes: [], figures };
  const steps = FAMILIES.flatMap((family) =>
    stepsOf(
      family,
      wanted.ranges.filter((cidr) => cidr.family === family),
      lists.find((list) => list.family === family),
      target,
    ),
  );
  const count = (of: (step: ListStep) => number) => steps.reduce((sum, step) => sum + of(step), 0);
  return {
    steps,
    blocked: [],
    notes: [],
    figures: {
      ...figures,
      added: count((step) => ('add' in step ? step.add.length : 0)),
      removed: count((step) => ('remove' in step ? step.remove.length : 0)),
      groups: lists.length + count(({ kind }) => Number(kind === 'create-list')),
    },
  };
}

function stepsOf(
  family: Family,
  wanted: readonly Cidr[],
  list: PrefixList | undefined,
  target: IpRangesTarget,
): ListStep[] {
  if (!list && wanted.length === 0) return [];
  const { shareWith = [] } = target;
  const unshared = shareWith.filter((one) => !list?.sharedWith.includes(one));
  const share: ListStep[] = unshared.length > 0 ? [{ kind: 'share-list', family, list, principals: unshared }] : [];
  if (!list) {
    const [first, ...more] = chunks(wanted);
    const maxEntries = Math.max(roomFor(wanted.length), target.maxEntries ?? 0);
    return [
      { kind: 'create-list', family, maxEntries, add: first! },
      ...more.map((add): ListStep => ({ kind: 'modify-list', family, add, remove: [] })),
      ...share,
    ];
  }
  const there = new Set([...list.own, ...list.foreign].map(formatCidr));
  const stays = new Set(wanted.map(formatCidr));
  const add = wanted.filter((cidr) => !there.has(formatCidr(cidr)));
  const remove = list.own.filter((cidr) => !stays.has(formatCidr(cidr)));
  const modify = modifications(add, remove).map((of): ListStep => ({ kind: 'modify-list', family, list, ...of }));
  const most = mostEntries(list, modify);
  const resize: ListStep[] =
    most > list.maxEntries
      ? [{ kind: 'resize-list', list, maxEntries: Math.max(roomFor(most), target.maxEntries ?? 0) }]
      : [];
  return [...resize, ...modify, ...share];
}

/** What is new goes in first; the last of it in one call with the first of what goes. */
function modifications(add: readonly Cidr[], remove: readonly Cidr[]) {
  const adds = chunks(add);
  const removes = chunks(remove);
  const last = Math.max(0, adds.length - 1);
  return Array.from({ length: Math.max(adds.length, removes.length === 0 ? 0 : last + removes.length) }, (_, n) => ({
    add: adds[n] ?? [],
    remove: removes[n - last] ?? [],
  }));
}

/** The most entries that the list holds after any of these calls. */
function mostEntries({ own, foreign }: PrefixList, steps: readonly ListStep[]): number {
  let now = own.length + foreign.length;
  let most = now;
  for (const step of steps) {
    if (step.kind === 'modify-list') now += step.add.length - step.remove.length;
    most = Math.max(most, now);
  }
  return most;
}

/** A tenth more than needed: each resize weighs on the rules of every group that names the list. */
const roomFor = (entries: number) => Math.min(1000, Math.ceil(entries * 1.1));

const chunks = (cidrs: readonly Cidr[]): Cidr[][] =>
  Array.from({ length: Math.ceil(cidrs.length / CHUNK) }, (_, n) => cidrs.slice(n * CHUNK, (n + 1) * CHUNK));
