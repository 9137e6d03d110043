/** Groups of a target belong together: whatever one of them is attached to gets those that hold rules. */
import type { Group, Point, State, Step } from './state.ts';

export type Attachments = { readonly steps: readonly Step[]; readonly problems: readonly string[] };

/** What must be attached so that all of these groups, new ones by name, are wherever one of the target's is. */
export function attachments({ groups, points, limits }: State, used: readonly string[]): Attachments {
  const steps: Step[] = [];
  const problems: string[] = [];
  for (const point of points) {
    const missing = used.filter((ref) => !point.groups.includes(ref));
    if (missing.length === 0) continue;
    const problem = hindrance(point, missing, groups, mostOn(point, limits.groups));
    if (problem) problems.push(problem);
    else steps.push({ kind: 'attach', point, groups: missing });
  }
  return { steps, problems };
}

/** How many groups more everything can take to which groups of the target are attached. */
export function slotsLeft({ points, limits }: State, groups: readonly Group[]): number {
  const holding = groups.filter(({ own }) => own.length > 0).map(({ id }) => id);
  return Math.min(
    ...points.map((point) =>
      point.fixed ? 0 : mostOn(point, limits.groups) - new Set([...point.groups, ...holding]).size,
    ),
    Number.MAX_SAFE_INTEGER,
  );
}

/** Load balancers take five, which no quota raises. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const mostOn = ({ kind }: Point, limit: number) => (kind === 'balancer' ? Math.min(5, limit) : limit);

function hindrance(
  point: Point,
  missing: readonly string[],
  groups: readonly Group[],
  limit: number,
): string | undefined {
  const lacks = `${point.id} has ${point.groups.join(', ')} and needs ${missing.join(', ')} too`;
  if (point.fixed) return `${lacks}, but ${point.fixed}: attach it there`;
  const shared = groups.find(({ id, shared }) => shared && missing.includes(id));
  if (shared)
    return `${lacks}, but ${shared.id} has rules of people, which it would get with it: attach it, or detach the others`;
  const count = point.groups.length + missing.length;
  if (count <= limit) return undefined;
  return `${lacks}, which makes ${count} of at most ${limit} groups: detach one, or raise the quota and groupsPerInterface, or use the prefix list mode`;
}
