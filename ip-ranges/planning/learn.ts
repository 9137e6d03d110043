/** What a refused call on groups shows that reading does not. */
import { isNamed } from '../../functions/contract/errors.ts';
import type { Learned } from './assign.ts';
import { countOf, perFamily } from './place.ts';
import type { State, Step } from './state.ts';

export function learnt(learned: Learned, step: Step, error: unknown, { groups }: State): Learned {
  if (step.kind === 'create' && isNamed(error, 'InvalidGroup.Duplicate'))
    return { ...learned, taken: new Set([...learned.taken, step.group]) };
  if (step.kind === 'attach' && isNamed(error, 'SecurityGroupsPerInterfaceLimitExceeded'))
    return { ...learned, groups: step.point.groups.length + step.groups.length - 1 };
  if (step.kind !== 'authorize' || !isNamed(error, 'RulesPerSecurityGroupLimitExceeded')) return learned;
  const group = groups.find(({ id }) => id === step.group);
  const held = perFamily((family) => (group ? group.foreignWeight[family] + countOf(group.own, family) : 0));
  // A group that was as good as empty: then the quota itself is lower than was thought.
  if (held.IPv4 + held.IPv6 === 0) return { ...learned, rules: Math.max(1, Math.floor(mostOf(step.rules) / 2)) };
  const refused = perFamily((family) => (countOf(step.rules, family) > 0 ? held[family] : Number.MAX_SAFE_INTEGER));
  return { ...learned, full: new Map([...learned.full, [step.group, refused]]) };
}

const mostOf = (rules: Extract<Step, { kind: 'authorize' }>['rules']) =>
  Math.max(countOf(rules, 'IPv4'), countOf(rules, 'IPv6'));
