/**
 * Public rules after ports are closed. No port is opened that was closed, so that the result is the same in whatever
 * order the controls' findings arrive.
 */
import { ALL_TRAFFIC, type CidrRule, distinctRules, subtractRules } from './rules.ts';

type Range = { readonly from: number; readonly to: number };
const LAST_PORT = 65_535;

/**
 * Removes ports from the rules of these protocols. EC2 has no rule for "all ports except", so a rule for all traffic is
 * removed whole.
 */
export function withoutPorts(
  rules: readonly CidrRule[],
  closed: readonly number[],
  protocols: readonly string[] = ['tcp'],
): CidrRule[] {
  const around = rangesAround(closed);
  return narrowRules(rules, (rule) => {
    if (rule.protocol === ALL_TRAFFIC) return [];
    return protocols.includes(rule.protocol) ? overlaps(rule, around) : [rule];
  });
}

/** Reduces the rules, including those for all traffic, to the authorized ports. Protocols without ports stay. */
export function onlyPorts(
  rules: readonly CidrRule[],
  authorized: Readonly<Record<'tcp' | 'udp', readonly number[]>>,
): CidrRule[] {
  const ranges = { tcp: rangesOf(authorized.tcp), udp: rangesOf(authorized.udp) };
  return narrowRules(rules, (rule) => {
    if (rule.protocol === ALL_TRAFFIC)
      return (['tcp', 'udp'] as const).flatMap((protocol) =>
        ranges[protocol].map((range) => ({ ...rule, protocol, ...range })),
      );
    return rule.protocol === 'tcp' || rule.protocol === 'udp' ? overlaps(rule, ranges[rule.protocol]) : [rule];
  });
}

/** Replaces each rule by its remaining parts. A part that exists as a rule already keeps its description. */
function narrowRules(rules: readonly CidrRule[], leaves: (rule: CidrRule) => CidrRule[]): CidrRule[] {
  const parts = rules.flatMap(leaves);
  const existing = subtractRules(rules, subtractRules(rules, parts));
  return distinctRules([...parts, ...existing]);
}

const overlaps = (rule: CidrRule, ranges: readonly Range[]): CidrRule[] =>
  ranges
    .map(({ from, to }) => ({ ...rule, from: Math.max(rule.from, from), to: Math.min(rule.to, to) }))
    .filter(({ from, to }) => from <= to);

/** Returns the ranges of all other ports: for 22, 0-21 and 23-65535. */
function rangesAround(ports: readonly number[]): Range[] {
  const edges = [-1, ...[...ports].sort((a, b) => a - b), LAST_PORT + 1];
  return edges
    .slice(1)
    .map((edge, n) => ({ from: edges[n]! + 1, to: edge - 1 }))
    .filter(({ from, to }) => from <= to);
}

/** Returns the ports as ranges: for 80, 81 and 443, 80-81 and 443. */
function rangesOf(ports: readonly number[]): Range[] {
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  const first = sorted.filter((port) => !sorted.includes(port - 1));
  const last = sorted.filter((port) => !sorted.includes(port + 1));
  return first.map((from, n) => ({ from, to: last[n]! }));
}
