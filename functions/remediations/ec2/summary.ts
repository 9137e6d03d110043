/** Rules of security groups as a person writes them, for summaries. */
import { ALL_TRAFFIC, changes, type Rule, type Rules } from './rules.ts';

/** What changes: `removed tcp 0-1024 from 0.0.0.0/0, added tcp 0-21 from 0.0.0.0/0, tcp 23-1024 from 0.0.0.0/0`. */
export const changeInWords = (from: Rules, to: Rules): string =>
  changes(from, to)
    .flatMap(({ direction, removed, added }) => {
      const peers = direction === 'inbound' ? 'from' : 'to';
      return [removed.length && `removed ${inWords(removed, peers)}`, added.length && `added ${inWords(added, peers)}`];
    })
    .filter(Boolean)
    .join(', ');

export const inWords = (rules: readonly Rule[], peers = 'from'): string =>
  rules.map((rule) => `${trafficInWords(rule)} ${peers} ${peerInWords(rule)}`).join(', ');

function trafficInWords({ protocol, from, to }: Rule): string {
  if (protocol === ALL_TRAFFIC) return 'all traffic';
  if (/^\d+$/.test(protocol)) return `protocol ${protocol}`;
  if (protocol !== 'tcp' && protocol !== 'udp') return protocol;
  return `${protocol} ${from === to ? from : `${from}-${to}`}`;
}

function peerInWords(rule: Rule): string {
  if ('cidr' in rule) return rule.cidr;
  return 'group' in rule ? rule.group : rule.prefixList;
}
