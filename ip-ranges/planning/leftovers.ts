/** Finds what nobody looks after: rules of AWS's published sample, rules that AWS no longer publishes, unattached groups. */
import type { Ports } from '../contract/targets.ts';
import { type Document, rangesOfAllServices } from './document.ts';
import {
  type ForeignRule,
  type GroupState,
  type IngressRule,
  isCovered,
  listing,
  type RangeGroup,
  ruleText,
} from './state.ts';

/** The sample's descriptions: `CLOUDFRONT rule 7 of 45`. */
const SAMPLE = /^[A-Z0-9_]+ rule \d+ of \d+$/;

/**
 * Returns the state as it is when these rules have the target's mark, and the rules, by group: those at the target's
 * ports that AWS's sample described or a former target marked, and those without a description that are Amazon's
 * addresses. A described rule is somebody's own.
 */
export function adopted(state: GroupState, ports: readonly Ports[], document: Document) {
  const amazon = ports.flatMap((of) => rangesOfAllServices(document).map((cidr) => ({ ...of, cidr })));
  const isLeftover = (rule: ForeignRule) => {
    if (!ports.some((of) => hasPorts(rule, of))) return false;
    if (rule.orphanOf !== undefined || SAMPLE.test(rule.description ?? '')) return true;
    return rule.description === undefined && isCovered(rule, amazon);
  };
  const taken = new Map<string, readonly ForeignRule[]>();
  const groups = state.groups.map((group): RangeGroup => {
    const { leftover = [], foreign = [] } = Object.groupBy(group.foreign, (rule) =>
      isLeftover(rule) ? 'leftover' : 'foreign',
    );
    if (leftover.length === 0) return group;
    taken.set(group.id, leftover);
    const foreignWeight = { ...group.foreignWeight };
    for (const { cidr } of leftover) foreignWeight[cidr.family] -= 1;
    return { ...group, own: [...group.own, ...leftover], foreign, foreignWeight };
  });
  return { state: { ...state, groups }, taken };
}

const hasPorts = (a: Ports, b: Ports): boolean => a.protocol === b.protocol && a.from === b.from && a.to === b.to;

/** Says what a person should know of the groups, though it hinders nothing. */
export function notesOn(
  { groups, points }: Pick<GroupState, 'groups' | 'points'>,
  wanted: readonly IngressRule[] = [],
  services = '',
): string[] {
  const holding = groups.filter(({ own }) => own.length > 0);
  const unattached = holding.filter(({ id }) => !points.some((point) => point.groups.includes(id)));
  return [
    ...unattached.map(({ id, name }) => `${id} (${name}) is attached to nothing, so its rules let nothing in`),
    ...groups.flatMap(({ id, foreign }) => {
      const unpublished = foreign.filter((rule) => wanted.some((of) => hasPorts(rule, of)) && !isCovered(rule, wanted));
      if (unpublished.length === 0) return [];
      const texts = unpublished.map((rule) => `${ruleText(rule)}${rule.orphanOf ? ` of ${rule.orphanOf}` : ''}`);
      return [
        `${id} has rules of people for ranges that AWS does not publish for ${services} now: ${listing(texts)}; ` +
          'revoke them, or give --adopt if an updater left them',
      ];
    }),
  ];
}
