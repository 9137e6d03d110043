/**
 * From what is published, what is there and what is configured to the calls that make them equal, in an order in which
 * no call takes away what is still wanted. Pure: the same input, the same steps.
 */
import type { IpRangesTarget } from '../contract/targets.ts';
import { arranged, type Learned, NOTHING_LEARNED } from './assign.ts';
import { attachments } from './attach.ts';
import { compacted } from './compact.ts';
import { type Document, wantedRanges } from './document.ts';
import type { Move } from './place.ts';
import { refusal } from './refusal.ts';
import { shrinkOf } from './shrink.ts';
import { type Group, rulesFor, type State, type Step } from './state.ts';

export type PlanOptions = {
  /** Moves ranges into as few groups as they need. */
  readonly compact?: boolean;
  /** Goes on where a service has no range, or too much would be taken away. */
  readonly allowShrink?: boolean;
  /** What calls of this run have shown, which reading does not. */
  readonly learned?: Learned;
};

export type Plan = {
  readonly steps: readonly Step[];
  /** Why the document is not applied; there are no steps then. */
  readonly refused?: string;
  /** What a person must clear away first; there are no steps then. */
  readonly blocked: readonly string[];
  /** What a person should know, though it hinders nothing. */
  readonly notes: readonly string[];
  readonly figures: Figures;
};
export type Figures = {
  /** Ranges and rules that are wanted. */
  readonly ranges: number;
  readonly rules: number;
  /** Rules to authorize and to revoke. */
  readonly added: number;
  readonly removed: number;
  /** Groups that hold rules of ours at the end. */
  readonly groups: number;
};

export function plan(document: Document, read: State, target: IpRangesTarget, options: PlanOptions = {}): Plan {
  const learned = options.learned ?? NOTHING_LEARNED;
  const state = {
    ...read,
    limits: { rules: learned.rules ?? read.limits.rules, groups: learned.groups ?? read.limits.groups },
  };
  const { ranges, empty } = wantedRanges(document, target);
  const rules = rulesFor(ranges, target.ports);
  const figures = {
    ranges: ranges.length,
    rules: rules.length,
    added: 0,
    removed: 0,
    groups: holding(state.groups).length,
  };
  const stays = { steps: [], blocked: [], notes: [], figures };

  const held = state.groups.flatMap(({ own }) => own.map(({ cidr }) => cidr));
  const refused = options.allowShrink ? undefined : refusal(empty, shrinkOf(held, ranges, target.families), target);
  if (refused !== undefined) return { ...stays, refused };

  const found = (options.compact && compacted(rules, state, learned)) || arranged(rules, state, target, learned);
  if ('blocked' in found) return { ...stays, blocked: found.blocked };
  const { placed, used, leaving } = found;
  const moves = [...placed.before, ...placed.after];
  const { steps: attach, problems } = attachments(state, used);
  if (moves.length > 0 && problems.length > 0) return { ...stays, blocked: problems };
  return {
    blocked: [],
    notes: problems,
    steps: [...opened(found.used, state.groups), ...placed.before, ...attach, ...placed.after, ...left(leaving, state)],
    figures: { ...figures, added: count(moves, 'authorize'), removed: count(moves, 'revoke'), groups: used.length },
  };
}

const holding = (groups: readonly Group[]) => groups.filter(({ own }) => own.length > 0);

/** New groups are made, and groups that nobody uses yet lose the rule that lets everything out. */
const opened = (used: readonly string[], groups: readonly Group[]): Step[] =>
  used.flatMap((ref): Step[] => {
    const group = groups.find(({ id }) => id === ref);
    if (!group)
      return [
        { kind: 'create', group: ref },
        { kind: 'seal', group: ref },
      ];
    const isFresh = group.created && group.open && !group.shared && group.own.length === 0;
    return isFresh ? [{ kind: 'seal', group: ref }] : [];
  });

/** Groups that hold nothing any more come off what they are attached to, and are deleted. */
const left = (leaving: readonly string[], { points }: State): Step[] => [
  ...points
    .map((point) => ({ point, groups: point.groups.filter((id) => leaving.includes(id)) }))
    .filter(({ groups }) => groups.length > 0)
    .map((of): Step => ({ kind: 'detach', ...of })),
  ...leaving.map((group): Step => ({ kind: 'delete', group })),
];

const count = (moves: readonly Move[], kind: Move['kind']) =>
  moves.reduce((sum, move) => sum + (move.kind === kind ? move.rules.length : 0), 0);
