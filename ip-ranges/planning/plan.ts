/** Plans the calls that make groups equal to a document, so that no call takes away what is still wanted. Pure. */
import type { IpRangesTarget } from '../contract/targets.ts';
import { assign, attachments } from './assign.ts';
import { addressesIn, addressesMissing, type Cidr, contains, distinct, type Family, minimalCover } from './cidr.ts';
import { type Document, type Wanted, wantedRanges } from './document.ts';
import { adoptLeftovers, notesOn } from './leftovers.ts';
import { type GroupState, type GroupStep, listing, mergedPorts, type RangeGroup, rulesFor, ruleText } from './state.ts';

export type PlanOptions = {
  /** Accepts a document in which a service has no range, or which takes away more than the limit. */
  readonly allowShrink?: boolean;
  /** Marks rules that AWS's sample or a former target left as the target's. */
  readonly adopt?: boolean;
  /** Suture is stopped: nothing is revoked. */
  readonly halted?: boolean;
  /** Ranges that the last document let in: held ones include those that a refused document has added. */
  readonly baseline?: readonly Cidr[];
};

/** Steps are carried out, whatever is refused or blocked besides. */
export type TargetPlan<S> = {
  readonly steps: readonly S[];
  readonly refused?: string;
  /** Obstacles that a person must clear away. */
  readonly blocked: readonly string[];
  readonly notes: readonly string[];
  /** Ranges that are wanted, and groups or lists that hold them at the end. */
  readonly figures: { readonly ranges: number; readonly groups: number };
};

/** The removal of a target that is not configured any more. */
export type RemovalPlan<S> = Pick<TargetPlan<S>, 'steps' | 'blocked'>;

export function planGroups(
  document: Document,
  read: GroupState,
  target: IpRangesTarget,
  { allowShrink, adopt, halted, baseline }: PlanOptions = {},
): TargetPlan<GroupStep> {
  const wanted = wantedRanges(document, target);
  const rules = rulesFor(wanted.ranges, target.ports);
  const adoptedPorts = adopt ? [...mergedPorts(target.ports), ...target.ports] : [];
  const { groups, steps } = adoptLeftovers(read.groups, adoptedPorts, document);
  const state = { ...read, groups };
  const notes = notesOn(state, rules, target.services.join(', '));
  const figures = { ranges: wanted.ranges.length, groups: groups.filter(({ own }) => own.length > 0).length };
  const mistakes = mistakesIn(state, target);
  if (mistakes.length > 0) return { steps: [], blocked: mistakes, notes, figures };

  const { withheld, refused } = shrinkGuard(baseline ?? heldRanges(read), wanted, target, allowShrink);
  const assigned = assign(rules, state, target, halted ? 'everything' : withheld);
  const { authorize, revoke, unplaced, used, usedIfUnlimited } = assigned;
  const outside = `${unplaced.length} of ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, ${listing(unplaced.map(ruleText))}, so they are not let in`;
  return {
    steps: [...steps, ...preparations(used, groups), ...authorize, ...attachments(state, used).steps, ...revoke],
    refused,
    blocked: [
      ...(unplaced.length > 0 ? [`There is no room for ${outside}`] : []),
      ...attachments(state, usedIfUnlimited).problems,
    ],
    notes,
    figures: { ...figures, groups: used.length },
  };
}

export const heldRanges = ({ groups }: { readonly groups: readonly Pick<RangeGroup, 'own'>[] }): Cidr[] =>
  groups.flatMap(({ own }) => own.map(({ cidr }) => cidr));

/** Returns the steps that create new groups, and remove the rule that lets everything out from groups without rules. */
const preparations = (used: readonly string[], groups: readonly RangeGroup[]): GroupStep[] =>
  used.flatMap((ref): GroupStep[] => {
    const group = groups.find(({ id }) => id === ref);
    const seal = { kind: 'seal', group: ref } as const;
    if (!group) return [{ kind: 'create', group: ref }, seal];
    return group.created && group.open && !group.shared && group.own.length === 0 ? [seal] : [];
  });

/** Finds contradictions in the configuration. With one, any call could take something away from somebody else. */
function mistakesIn({ groups, points }: GroupState, { name }: IpRangesTarget): string[] {
  const shared = groups.filter(({ alsoOf }) => alsoOf.length > 0);
  const isOn = (...ids: string[]) => points.some((point) => ids.every((id) => point.groups.includes(id)));
  const attached = groups.filter(({ id, created }) => !created && isOn(id)).map(({ id }) => id);
  const pairs = attached.flatMap((id, n) => attached.slice(n + 1).map((other) => [id, other] as const));
  const apart = pairs.filter((pair) => !isOn(...pair)).map((pair) => pair.join(' and '));
  return [
    ...shared.map(
      ({ id, alsoOf }) =>
        `${id} belongs to the target ${alsoOf.join(', ')} too, and two targets may not share a group: give ${name} another one`,
    ),
    ...apart.map(
      (pair) =>
        `${pair} are attached to nothing in common, and groups of one target belong on the same interfaces: make a target for each application`,
    ),
  ];
}

type ShrinkGuard = { readonly withheld: ReadonlySet<Family>; readonly refused?: string };

/**
 * Decides for each family whether a document takes away more than `shrinkLimit` percent. Rules of a withheld family
 * stay, although the document does not have them.
 */
export function shrinkGuard(
  held: readonly Cidr[],
  { ranges, empty }: Wanted,
  { families, services, shrinkLimit }: IpRangesTarget,
  isAllowed = false,
): ShrinkGuard {
  if (isAllowed) return { withheld: new Set() };
  const refusal = (what: string) =>
    `The document ${what}. Nothing of that is taken away, and what is new is let in. If the document is right, suture ip-ranges apply --allow-shrink allows the shrink once.`;
  if (empty.length > 0)
    return { withheld: new Set(families), refused: refusal(`has no range of ${empty.join(', nor of ')}`) };
  const losses = families
    .map((family) => ({ family, ...lossOf(family, held, ranges) }))
    .filter(({ percent }) => percent > shrinkLimit);
  const withheld = new Set(losses.map(({ family }) => family));
  if (losses.length === 0) return { withheld };
  const lost = `${losses.map(({ text }) => text).join(' and ')} that are let in now for ${services.join(', ')}`;
  return { withheld, refused: refusal(`takes away ${lost}, more than ${shrinkLimit} %`) };
}

/**
 * Returns the greater of two losses, in addresses and in ranges: a few ranges may be most addresses, and many ranges
 * few.
 */
function lossOf(family: Family, held: readonly Cidr[], wanted: readonly Cidr[]) {
  const before = distinct(held.filter((cidr) => cidr.family === family));
  if (before.length === 0) return { percent: 0, text: '' };
  const after = minimalCover(wanted);
  const lost = before.filter((cidr) => !after.some((range) => contains(range, cidr)));
  const ranges = (100 * lost.length) / before.length;
  // Counts of IPv6 are beyond what a number holds exactly.
  const addresses = Number((addressesMissing(before, after) * 1_000_000n) / addressesIn(before)) / 10_000;
  const percent = Math.max(ranges, addresses);
  const what = ranges >= addresses ? `ranges (${lost.length} of ${before.length})` : 'addresses';
  return { percent, text: `${Number(percent.toFixed(2))} % of the ${family} ${what}` };
}
