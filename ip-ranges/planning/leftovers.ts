/**
 * Finds rules that nobody maintains, of AWS's published sample, former targets and people, and plans what becomes of
 * them.
 */
import type { Ports } from '../contract/targets.ts';
import { type Document, rangesOfAllServices } from './document.ts';
import {
  type AttachmentPoint,
  countOf,
  type ForeignRule,
  type GroupState,
  type GroupStep,
  type IngressRule,
  isCovered,
  listing,
  perFamily,
  type RangeGroup,
  ruleText,
} from './state.ts';

/** The sample's descriptions: `CLOUDFRONT rule 7 of 45`. */
const SAMPLE = /^[A-Z0-9_]+ rule \d+ of \d+$/;

/**
 * Returns the steps that give leftovers at these ports the target's mark, and the groups as they are afterwards.
 * Leftovers are rules that AWS's sample described or a former target marked, and rules without a description for
 * Amazon's addresses. A rule with another description is somebody's own.
 */
export function adoptLeftovers(groups: readonly RangeGroup[], ports: readonly Ports[], document: Document) {
  const amazon = ports.flatMap((of) => rangesOfAllServices(document).map((cidr) => ({ ...of, cidr })));
  const isLeftover = (rule: ForeignRule) => {
    const { description, orphanOf } = rule;
    if (!ports.some((of) => hasPorts(rule, of))) return false;
    return orphanOf !== undefined || (description === undefined ? isCovered(rule, amazon) : SAMPLE.test(description));
  };
  const steps = groups
    .map(({ id, foreign }) => ({ kind: 'adopt', group: id, rules: foreign.filter(isLeftover) }) as const)
    .filter(({ rules }) => rules.length > 0);
  const marked = groups.map((group): RangeGroup => {
    const rules = steps.find((step) => step.group === group.id)?.rules ?? [];
    const foreignWeight = perFamily((family) => group.foreignWeight[family] - countOf(rules, family));
    const foreign = group.foreign.filter((rule) => !rules.includes(rule));
    return { ...group, own: [...group.own, ...rules], foreign, foreignWeight };
  });
  return { groups: marked, steps };
}

const hasPorts = (a: Ports, b: Ports): boolean => a.protocol === b.protocol && a.from === b.from && a.to === b.to;

export function notesOn({ groups, points }: GroupState, wanted: readonly IngressRule[] = [], services = ''): string[] {
  const holding = groups.filter(({ own }) => own.length > 0);
  const unattached = holding.filter(({ id }) => !points.some((point) => point.groups.includes(id)));
  const unpublished = groups.flatMap(({ id, foreign }) => {
    const rules = foreign.filter((rule) => wanted.some((of) => hasPorts(rule, of)) && !isCovered(rule, wanted));
    if (rules.length === 0) return [];
    const texts = rules.map((rule) => `${ruleText(rule)}${rule.orphanOf ? ` of ${rule.orphanOf}` : ''}`);
    return `${id} has rules of people for ranges that AWS does not publish for ${services} now: ${listing(texts)}; revoke them, or give --adopt if an updater left them`;
  });
  return [
    ...unattached.map(({ id, name }) => `${id} (${name}) is attached to nothing, so its rules let nothing in`),
    ...unpublished,
  ];
}

/** `besides`: rules of groups that are not the target's, on the same interfaces, by group. */
export type RemovalState = GroupState & { readonly besides: ReadonlyMap<string, readonly IngressRule[]> };

/**
 * Plans the removal of a former target's rules and groups where other groups of the same interfaces let in the same, or
 * where nothing has the groups.
 */
export function planRemoval({ groups, points, besides }: RemovalState) {
  const obstacles = points.flatMap((point) => {
    const problem = obstacleAt(point, groups, besides);
    return problem === undefined ? [] : [{ point, problem }];
  });
  const free = groups.filter(({ id }) => !obstacles.some(({ point }) => point.groups.includes(id)));
  const deletable = free.filter(isDeletable).map(({ id }) => id);
  const detached = points.map((point) => ({ point, groups: point.groups.filter((id) => deletable.includes(id)) }));
  const steps: GroupStep[] = [
    ...free
      .filter(({ id, own }) => own.length > 0 && !deletable.includes(id))
      .map(({ id, own }) => ({ kind: 'revoke', group: id, rules: own }) as const),
    ...detached.filter((one) => one.groups.length > 0).map((one) => ({ kind: 'detach', ...one }) as const),
    ...deletable.map((group) => ({ kind: 'delete', group }) as const),
  ];
  return { steps, blocked: obstacles.map(({ problem }) => problem) };
}

const isDeletable = ({ created, shared }: RangeGroup): boolean => created && !shared;

function obstacleAt(point: AttachmentPoint, all: readonly RangeGroup[], besides: RemovalState['besides']) {
  const on = all.filter(({ id }) => point.groups.includes(id));
  const stays = [...on.flatMap(({ foreign }) => foreign), ...point.groups.flatMap((id) => besides.get(id) ?? [])];
  const lost = on.flatMap(({ own }) => own).filter((rule) => !isCovered(rule, stays));
  const has = `${point.id} has ${on.map(({ id }) => id).join(', ')}`;
  if (lost.length > 0)
    return `${has} and would lose ${lost.length} ${lost.length === 1 ? 'rule' : 'rules'} that no other group of it has, ${listing(lost.map(ruleText))}: attach the groups of another target first, or detach these yourself`;
  const leaving = on.filter(isDeletable);
  if (leaving.length > 0 && point.fixed) return `${has}, but ${point.fixed}: detach them there`;
  return leaving.length === point.groups.length ? `${has} and no other group: attach another one first` : undefined;
}
