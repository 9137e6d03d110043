/**
 * Assigns rules to groups: existing rules stay in their group, new ones go into groups with room, then into new groups.
 * Each interface or load balancer with one of a target's groups gets the others that hold rules.
 */
import type { IpRangesTarget } from '../contract/targets.ts';
import { FAMILIES } from './cidr.ts';
import { binOf, diffRules, NO_ROOM, NO_RULES, type Placement, placeInBins, type Withheld } from './place.ts';
import { type AttachmentPoint, countOf, type GroupState, type IngressRule, perFamily } from './state.ts';

/** Groups are filled to nine tenths, so that the next document's rules fit beside those that they replace. */
const FILL = 0.9;

/**
 * Returns what to authorize and revoke. `used` are the groups that hold own rules afterwards, `usedIfUnlimited` those
 * that would if every interface had room for more groups.
 */
export function assign(
  rules: readonly IngressRule[],
  state: GroupState,
  { prefixName }: IpRangesTarget,
  withheld: Withheld,
) {
  const { groups, limits } = state;
  const { settled = [], partial = [] } = byAttachment(state);
  const diff = diffRules(rules, { settled, partial }, withheld);
  const limit = perFamily(() => limits.rules);
  const settledBins = settled.map((group) => binOf(group, diff, limits.full?.get(group.id) ?? limit));
  // Partial groups get no new rules, but their stale rules are revoked like those of other groups.
  const partialBins = partial.map((group) => binOf(group, diff, NO_ROOM));
  const attachable = partial.filter(({ shared }) => !shared).map(({ id }) => id);
  const newGroups = [...attachable, ...freeNames(prefixName, diff.pending.length, state)];
  const newBins = newGroups.map((id) => binOf({ ...NO_RULES, id }, diff, limit));
  const placeWith = (newCount: number, fill: number) =>
    placeInBins(diff, [...settledBins, ...newBins.slice(0, newCount), ...partialBins], fill);

  // First into few groups with room to spare, then into as many full groups as fit on the interfaces.
  const slots = slotsLeft(state);
  const roomy = placeWith(Math.min(slots, Math.max(0, mostGroups(rules, state) - settled.length)), FILL);
  const placement = roomy.unplaced.length === 0 ? roomy : placeWith(slots, 1);
  const unlimited = placement.unplaced.length === 0 ? placement : placeWith(diff.pending.length, 1);
  const keeping = groups.filter(({ own }) => own.some(diff.isKept)).map(({ id }) => id);
  const usedBy = ({ authorize }: Placement) => [...new Set([...keeping, ...authorize.map(({ group }) => group)])];
  return { ...placement, used: usedBy(placement), usedIfUnlimited: usedBy(unlimited) };
}

/** Separates groups that are on every interface and load balancer, or can be, from those that cannot. */
function byAttachment(state: GroupState) {
  const holding = state.groups.filter(({ own }) => own.length > 0).map(({ id }) => id);
  const { unattachable } = attachments(state, holding);
  return Object.groupBy(state.groups, ({ id, own }) => {
    const isEverywhere = state.points.every(({ groups }) => groups.includes(id));
    return isEverywhere || (own.length > 0 && !unattachable.has(id)) ? 'settled' : 'partial';
  });
}

/** Returns how many groups the rules need if each is nine tenths full, and one more. */
function mostGroups(rules: readonly IngressRule[], { groups, limits }: GroupState): number {
  const needed = FAMILIES.map((family) => {
    const foreign = groups.reduce((sum, { foreignWeight }) => sum + foreignWeight[family], 0);
    return Math.ceil((countOf(rules, family) + foreign) / (FILL * limits.rules));
  });
  return Math.max(...needed) + 1;
}

function freeNames(prefix: string, count: number, { groups, limits }: GroupState): string[] {
  const known = new Set([...(limits.taken ?? []), ...groups.map(({ name }) => name)]);
  const names = Array.from({ length: count + known.size }, (_, n) => `${prefix}-${n + 1}`);
  return names.filter((name) => !known.has(name));
}

/**
 * Plans attachments, so that each interface and load balancer with a group of the target gets all of `used`, new groups
 * by name. `unattachable` are groups that one of them lacks and cannot get; `problems` says why.
 */
export function attachments(state: GroupState, used: readonly string[]) {
  const points = state.points.map((point) => {
    const missing = used.filter((ref) => !point.groups.includes(ref));
    const allowed = point.fixed ? [] : missing.filter((ref) => !isShared(ref, state));
    const groups = allowed.slice(0, Math.max(0, roomOn(point, state)));
    return { point, groups, lacking: missing.filter((ref) => !groups.includes(ref)) };
  });
  const incomplete = points.filter(({ lacking }) => lacking.length > 0);
  return {
    steps: points
      .filter(({ groups }) => groups.length > 0)
      .map(({ point, groups }) => ({ kind: 'attach', point, groups }) as const),
    unattachable: new Set(incomplete.flatMap(({ lacking }) => lacking)),
    problems: incomplete.map(({ point, lacking }) => attachmentProblem(point, lacking, state)),
  };
}

/** Returns how many more groups fit on every interface and load balancer of the target, beside those that hold rules. */
function slotsLeft(state: GroupState): number {
  const holding = state.groups.filter(({ own }) => own.length > 0);
  const slots = state.points.map((point) =>
    point.fixed ? 0 : roomOn(point, state) - holding.filter(({ id }) => !point.groups.includes(id)).length,
  );
  return Math.max(0, Math.min(...slots));
}

/**
 * Returns how many groups a point takes: a load balancer five, whatever the quota.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const mostOn = ({ kind }: AttachmentPoint, { limits }: GroupState): number =>
  kind === 'balancer' ? Math.min(5, limits.groups) : limits.groups;

const roomOn = (point: AttachmentPoint, state: GroupState): number => mostOn(point, state) - point.groups.length;

const isShared = (ref: string, { groups }: GroupState): boolean =>
  groups.some(({ id, shared }) => id === ref && shared);

function attachmentProblem(point: AttachmentPoint, lacking: readonly string[], state: GroupState): string {
  const lacks = `${point.id} has ${point.groups.join(', ')} and needs ${lacking.join(', ')} too`;
  if (point.fixed) return `${lacks}, but ${point.fixed}: attach it there`;
  const shared = lacking.find((ref) => isShared(ref, state));
  if (shared)
    return `${lacks}, but ${shared} has rules of people, which it would get with it: attach it, or detach the others`;
  const count = point.groups.length + lacking.length;
  return `${lacks}, which makes ${count} of at most ${mostOn(point, state)} groups: detach one, or raise the quota and groupsPerInterface, or use the prefix list mode`;
}
