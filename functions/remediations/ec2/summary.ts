/** Rules of security groups as text, for summaries. */
import { ALL_TRAFFIC, type Rule, type Rules, ruleChanges } from './rules.ts';

/**
 * Returns for example `removed tcp 0-1024 from 0.0.0.0/0, added tcp 0-21 from 0.0.0.0/0, tcp 23-1024 from 0.0.0.0/0`.
 */
export const ruleChangeText = (from: Rules, to: Rules): string =>
  ruleChanges(from, to)
    .flatMap(({ direction, removed, added }) => {
      const peers = direction === 'inbound' ? 'from' : 'to';
      return [
        removed.length && `removed ${rulesText(removed, peers)}`,
        added.length && `added ${rulesText(added, peers)}`,
      ];
    })
    .filter(Boolean)
    .join(', ');

export const rulesText = (rules: readonly Rule[], peers = 'from'): string =>
  rules.map((rule) => `${trafficText(rule)} ${peers} ${peerText(rule)}`).join(', ');

function trafficText({ protocol, from, to }: Rule): string {
  if (protocol === ALL_TRAFFIC) return 'all traffic';
  if (/^\d+$/.test(protocol)) return `protocol ${protocol}`;
  if (protocol !== 'tcp' && protocol !== 'udp') return protocol;
  return `${protocol} ${from === to ? from : `${from}-${to}`}`;
}

function peerText(rule: Rule): string {
  if ('cidr' in rule) return rule.cidr;
  return 'group' in rule ? rule.group : rule.prefixList;
}
