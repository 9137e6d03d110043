/**
 * Plans from what is published, what is there and what is configured the calls that make them equal, in an order in which
 * no call takes away what is still wanted. Pure: the same input, the same steps.
 */
import type { IpRangesTarget } from '../contract/targets.ts';
import { assign, type Learned, NOTHING_LEARNED } from './assign.ts';
import { attachments } from './attach.ts';
import type { Cidr } from './cidr.ts';
import { type Document, wantedRanges } from './document.ts';
import { adopted, notesOn } from './leftovers.ts';
import { shrinkGuard } from './shrink.ts';
import {
  type GroupState,
  type GroupStep,
  type IngressRule,
  listing,
  mergedPorts,
  rulesFor,
  ruleText,
} from './state.ts';

export type PlanOptions = {
  /** Goes on where a service has no range, or too much would be taken away. */
  readonly allowShrink?: boolean;
  /** Marks rules that AWS's sample or a former target left as the target's. */
  readonly adopt?: boolean;
  /**
   * Ranges that the last document let in, to which a shrink is compared; without it, those that are held. Held ranges
   * include those that a refused document has added.
   */
  readonly baseline?: readonly Cidr[];
};

/** Steps are carried out, whatever is refused or blocked besides. */
export type TargetPlan<S> = {
  readonly steps: readonly S[];
  /** Why the document is not applied in full. */
  readonly refused?: string;
  /** Obstacles that a person must clear away. */
  readonly blocked: readonly string[];
  /** Remarks for people; they hinder nothing. */
  readonly notes: readonly string[];
  readonly figures: PlanFigures;
};
export type PlanFigures = {
  /** Ranges and rules that are wanted. */
  readonly ranges: number;
  readonly rules: number;
  /** Rules or entries to add and to remove. */
  readonly added: number;
  readonly removed: number;
  /** Groups or lists that hold ranges of ours at the end. */
  readonly groups: number;
};

export function planGroups(
  document: Document,
  read: GroupState,
  target: IpRangesTarget,
  { allowShrink, adopt, baseline, learned = NOTHING_LEARNED }: PlanOptions & { readonly learned?: Learned } = {},
): TargetPlan<GroupStep> {
  const wanted = wantedRanges(document, target);
  const rules = rulesFor(wanted.ranges, target.ports);
  const limits = { rules: learned.rules ?? read.limits.rules, groups: learned.groups ?? read.limits.groups };
  const ports = adopt ? [...mergedPorts(target.ports), ...target.ports] : [];
  const { state, taken } = adopted({ ...read, limits }, ports, document);
  const holding = state.groups.filter(({ own }) => own.length > 0).length;
  const figures = { ranges: wanted.ranges.length, rules: rules.length, added: 0, removed: 0, groups: holding };
  const notes = notesOn(state, rules, target.services.join(', '));
  const mistakes = mistakesIn(state, target);
  if (mistakes.length > 0) return { steps: [], blocked: mistakes, notes, figures };

  const guard = allowShrink ? undefined : shrinkGuard(baseline ?? heldRanges(read), wanted, target);
  const withheld = (rule: IngressRule) => guard?.families.has(rule.cidr.family) ?? false;
  const { placed, used, wished } = assign(rules, state, target, { learned, withheld });
  const attach = attachments(state, used);
  const { problems } = attachments(state, wished);
  return {
    steps: [
      ...[...taken].map(([group, rules]): GroupStep => ({ kind: 'adopt', group, rules })),
      ...opened(used, state),
      ...[...placed.authorize].map(([group, rules]): GroupStep => ({ kind: 'authorize', group, rules })),
      ...attach.steps,
      ...[...placed.revoke].map(([group, rules]): GroupStep => ({ kind: 'revoke', group, rules })),
    ],
    ...(guard?.refused !== undefined && { refused: guard.refused }),
    blocked: [...outside(placed.left, rules), ...problems],
    notes,
    figures: { ...figures, added: sizeOf(placed.authorize), removed: sizeOf(placed.revoke), groups: used.length },
  };
}

export const heldRanges = ({ groups }: GroupState): Cidr[] => groups.flatMap(({ own }) => own.map(({ cidr }) => cidr));

const sizeOf = (byGroup: ReadonlyMap<string, readonly unknown[]>): number =>
  [...byGroup.values()].reduce((sum, { length }) => sum + length, 0);

const outside = (left: readonly IngressRule[], all: readonly IngressRule[]): string[] =>
  left.length > 0
    ? [
        `there is no room for ${left.length} of ${all.length} rules, ${listing(left.map(ruleText))}, so they are not let in`,
      ]
    : [];

/** Creates new groups, and takes the rule that lets everything out from groups that nobody uses yet. */
const opened = (used: readonly string[], { groups }: GroupState): GroupStep[] =>
  used.flatMap((ref): GroupStep[] => {
    const group = groups.find(({ id }) => id === ref);
    if (!group)
      return [
        { kind: 'create', group: ref },
        { kind: 'seal', group: ref },
      ];
    const isFresh = group.created && group.open && !group.shared && group.own.length === 0;
    return isFresh ? [{ kind: 'seal', group: ref }] : [];
  });

/** Finds what the configuration cannot mean. Any call could take something away from somebody else. */
function mistakesIn({ groups, points }: GroupState, { name }: IpRangesTarget): string[] {
  const shared = groups.filter(({ alsoOf }) => alsoOf.length > 0);
  const attached = groups.filter(({ id, created }) => !created && points.some((point) => point.groups.includes(id)));
  const apart = attached.flatMap(({ id }, n) =>
    attached
      .slice(n + 1)
      .filter((other) => !points.some((point) => point.groups.includes(id) && point.groups.includes(other.id)))
      .map((other) => `${id} and ${other.id}`),
  );
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
