/** Learns from a refused call on groups what reading does not show. */
import { isNamed } from '../../functions/contract/errors.ts';
import type { Learned } from '../planning/assign.ts';
import { countOf, type GroupState, type GroupStep, perFamily } from '../planning/state.ts';

export const LIMIT_ERRORS = ['RulesPerSecurityGroupLimitExceeded', 'SecurityGroupsPerInterfaceLimitExceeded'] as const;

export function learn(learned: Learned, step: GroupStep, error: unknown, { groups }: GroupState): Learned {
  if (step.kind === 'create' && isNamed(error, 'InvalidGroup.Duplicate'))
    return { ...learned, taken: new Set([...learned.taken, step.group]) };
  if (step.kind === 'attach' && isNamed(error, 'SecurityGroupsPerInterfaceLimitExceeded'))
    return { ...learned, groups: step.point.groups.length + step.groups.length - 1 };
  if (step.kind !== 'authorize' || !isNamed(error, 'RulesPerSecurityGroupLimitExceeded')) return learned;
  const group = groups.find(({ id }) => id === step.group);
  const held = perFamily((family) => (group ? group.foreignWeight[family] + countOf(group.own, family) : 0));
  const most = Math.max(countOf(step.rules, 'IPv4'), countOf(step.rules, 'IPv6'));
  // The group was empty, so the quota itself is lower than was thought.
  if (held.IPv4 + held.IPv6 === 0) return { ...learned, rules: Math.max(1, Math.floor(most / 2)) };
  const refused = perFamily((family) => (countOf(step.rules, family) > 0 ? held[family] : Number.MAX_SAFE_INTEGER));
  return { ...learned, full: new Map([...learned.full, [step.group, refused]]) };
}
