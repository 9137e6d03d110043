/**
 * What stays of public rules when ports are closed. Nothing is ever opened that was not open, so that one control's
 * answer leaves the others' as they are, whichever comes first.
 */
import { ALL_TRAFFIC, type CidrRule, distinct, minus } from './rules.ts';

type Range = { readonly from: number; readonly to: number };
const LAST_PORT = 65_535;

/** The rules without these TCP ports. EC2 has no rule for all but some ports, so a rule for all traffic goes whole. */
export function withoutPorts(rules: readonly CidrRule[], closed: readonly number[]): CidrRule[] {
  const around = rangesAround(closed);
  return narrowed(rules, (rule) => {
    if (rule.protocol === ALL_TRAFFIC) return [];
    return rule.protocol === 'tcp' ? overlaps(rule, around) : [rule];
  });
}

/** The rules with these ports alone, also of all traffic. What is neither TCP nor UDP has no ports, and stays. */
export function onlyPorts(
  rules: readonly CidrRule[],
  authorized: Readonly<Record<'tcp' | 'udp', readonly number[]>>,
): CidrRule[] {
  const ranges = { tcp: rangesOf(authorized.tcp), udp: rangesOf(authorized.udp) };
  return narrowed(rules, (rule) => {
    if (rule.protocol === ALL_TRAFFIC)
      return (['tcp', 'udp'] as const).flatMap((protocol) =>
        ranges[protocol].map((range) => ({ ...rule, protocol, ...range })),
      );
    return rule.protocol === 'tcp' || rule.protocol === 'udp' ? overlaps(rule, ranges[rule.protocol]) : [rule];
  });
}

/** Where a part is a rule of its own already, that one stays with its description. */
function narrowed(rules: readonly CidrRule[], leaves: (rule: CidrRule) => CidrRule[]): CidrRule[] {
  const parts = rules.flatMap(leaves);
  const thereAlready = minus(rules, minus(rules, parts));
  return distinct([...parts, ...thereAlready]);
}

const overlaps = (rule: CidrRule, ranges: readonly Range[]): CidrRule[] =>
  ranges
    .map(({ from, to }) => ({ ...rule, from: Math.max(rule.from, from), to: Math.min(rule.to, to) }))
    .filter(({ from, to }) => from <= to);

/** All ports but these: 22 leaves 0-21 and 23-65535. */
function rangesAround(ports: readonly number[]): Range[] {
  const edges = [-1, ...[...ports].sort((a, b) => a - b), LAST_PORT + 1];
  return edges
    .slice(1)
    .map((edge, n) => ({ from: edges[n]! + 1, to: edge - 1 }))
    .filter(({ from, to }) => from <= to);
}

/** These ports, neighbours as one range: 80, 81 and 443 are 80-81 and 443. */
function rangesOf(ports: readonly number[]): Range[] {
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  const first = sorted.filter((port) => !sorted.includes(port - 1));
  const last = sorted.filter((port) => !sorted.includes(port + 1));
  return first.map((from, n) => ({ from, to: last[n]! }));
}
