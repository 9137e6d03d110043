/** Decides what is attached: whatever has one of a target's groups gets the others that hold rules. */
import type { AttachmentPoint, GroupState, GroupStep, RangeGroup } from './state.ts';

export type Attachments = {
  readonly steps: readonly GroupStep[];
  /** Groups that some interface or load balancer lacks and cannot get. */
  readonly hindered: ReadonlySet<string>;
  readonly problems: readonly string[];
};

/** Decides what must be attached so that all of these groups, new ones by name, are wherever one of the target's is. */
export function attachments(state: GroupState, used: readonly string[]): Attachments {
  const steps: GroupStep[] = [];
  const hindered = new Set<string>();
  const problems: string[] = [];
  for (const point of state.points) {
    const missing = used.filter((ref) => !point.groups.includes(ref));
    const room = roomOn(point, state);
    const can = point.fixed ? [] : missing.filter((ref) => !sharedGroup(ref, state));
    const groups = can.slice(0, Math.max(0, room));
    if (groups.length > 0) steps.push({ kind: 'attach', point, groups });
    const lacking = missing.filter((ref) => !groups.includes(ref));
    for (const ref of lacking) hindered.add(ref);
    if (lacking.length > 0) problems.push(hindrance(point, lacking, state));
  }
  return { steps, hindered, problems };
}

/** Returns how many more groups fit on every interface and load balancer of the target, beside those that hold rules. */
export function slotsLeft(state: GroupState): number {
  const holding = state.groups.filter(({ own }) => own.length > 0).map(({ id }) => id);
  const slots = state.points.map((point) =>
    point.fixed ? 0 : roomOn(point, state) - holding.filter((id) => !point.groups.includes(id)).length,
  );
  return Math.max(0, Math.min(...slots, Number.MAX_SAFE_INTEGER));
}

/** Load balancers take five, which no quota raises. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const mostOn = ({ kind }: AttachmentPoint, { limits }: GroupState): number =>
  kind === 'balancer' ? Math.min(5, limits.groups) : limits.groups;

const roomOn = (point: AttachmentPoint, state: GroupState): number => mostOn(point, state) - point.groups.length;

const sharedGroup = (ref: string, { groups }: GroupState): RangeGroup | undefined =>
  groups.find(({ id, shared }) => id === ref && shared);

function hindrance(point: AttachmentPoint, lacking: readonly string[], state: GroupState): string {
  const lacks = `${point.id} has ${point.groups.join(', ')} and needs ${lacking.join(', ')} too`;
  if (point.fixed) return `${lacks}, but ${point.fixed}: attach it there`;
  const shared = lacking.find((ref) => sharedGroup(ref, state));
  if (shared)
    return `${lacks}, but ${shared} has rules of people, which it would get with it: attach it, or detach the others`;
  return (
    `${lacks}, which makes ${point.groups.length + lacking.length} of at most ${mostOn(point, state)} groups: ` +
    'detach one, or raise the quota and groupsPerInterface, or use the prefix list mode'
  );
}
