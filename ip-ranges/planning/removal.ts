/** Plans how the rules and groups of a target that is not configured any more go, as far as nobody needs them. Pure. */
import type { AttachmentPoint, GroupState, GroupStep, IngressRule } from './state.ts';
import { isCovered, listing, ruleText } from './state.ts';

export type RemovalState = GroupState & {
  /** Rules of groups that are not the target's, on the same interfaces, by group. */
  readonly besides: ReadonlyMap<string, readonly IngressRule[]>;
};

/** Takes away only what other groups of the same interface or load balancer let in too, or what is attached to nothing. */
export function planRemoval({ groups, points, besides }: RemovalState) {
  const problems = points.map((point) => ({ point, problem: problemAt(point) }));
  const isFree = (id: string) => !problems.some(({ point, problem }) => problem && point.groups.includes(id));
  const gone = groups.filter(({ id, created, shared }) => created && !shared && isFree(id)).map(({ id }) => id);
  const steps: GroupStep[] = [
    ...groups
      .filter(({ id, own }) => own.length > 0 && !gone.includes(id) && isFree(id))
      .map(({ id, own }): GroupStep => ({ kind: 'revoke', group: id, rules: own })),
    ...points
      .map((point) => ({ point, groups: point.groups.filter((id) => gone.includes(id)) }))
      .filter((detach) => detach.groups.length > 0)
      .map((detach): GroupStep => ({ kind: 'detach', ...detach })),
    ...gone.map((group): GroupStep => ({ kind: 'delete', group })),
  ];
  return { steps, blocked: problems.flatMap(({ problem }) => problem ?? []) };

  function problemAt(point: AttachmentPoint): string | undefined {
    const on = groups.filter(({ id }) => point.groups.includes(id));
    const stays = [...on.flatMap(({ foreign }) => foreign), ...point.groups.flatMap((id) => besides.get(id) ?? [])];
    const lost = on.flatMap(({ own }) => own).filter((rule) => !isCovered(rule, stays));
    const needs = `${point.id} has ${on.map(({ id }) => id).join(', ')}`;
    if (lost.length > 0)
      return `${needs} and would lose ${lost.length} rules that no other group of it has, ${listing(lost.map(ruleText))}: attach the groups of another target first, or detach these yourself`;
    const leaving = on.filter(({ created, shared }) => created && !shared);
    if (leaving.length === 0) return undefined;
    if (point.fixed) return `${needs}, but ${point.fixed}: detach them there`;
    return leaving.length < point.groups.length ? undefined : `${needs} and no other group: attach another one first`;
  }
}
