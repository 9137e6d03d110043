/** Rules as sets of packets, compared packet by packet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Family, parseCidr } from '../../ip-ranges/planning/cidr.ts';
import {
  type IngressRule,
  isCovered,
  listing,
  mergedPorts,
  rulesFor,
  rulesMeet,
  ruleText,
} from '../../ip-ranges/planning/state.ts';

const ports = fc
  .record({ protocol: fc.constantFrom('tcp', 'udp'), from: fc.integer({ min: 80, max: 86 }), more: fc.nat(3) })
  .map(({ protocol, from, more }) => ({ protocol, from, to: from + more }) as const);
/** Blocks of eight addresses of each family. */
const cidr = fc
  .record({ family: fc.constantFrom<Family>('IPv4', 'IPv6'), bits: fc.nat(3), at: fc.nat(7) })
  .map(({ family, bits, at }) => {
    const first = at - (at % 2 ** bits);
    return parseCidr(family === 'IPv4' ? `192.0.2.${first}/${32 - bits}` : `2001:db8::${first}/${128 - bits}`, family);
  });
const rule = fc.record({ of: ports, cidr }).map(({ of, cidr }): IngressRule => ({ ...of, cidr }));

function packets(rules: readonly IngressRule[]): Set<string> {
  const all = new Set<string>();
  for (const { protocol, from, to, cidr } of rules) {
    const size = cidr.family === 'IPv4' ? 32 : 128;
    const first = Number.parseInt(cidr.bits.padEnd(size, '0').slice(-3), 2);
    for (let address = first; address < first + 2 ** (size - cidr.bits.length); address++)
      for (let port = from; port <= to; port++) all.add(`${cidr.family} ${address} ${protocol} ${port}`);
  }
  return all;
}

describe('rules', () => {
  it('overlap if both let in some packet', () => {
    fc.assert(
      fc.property(rule, rule, (a, b) => {
        const common = [...packets([a])].some((packet) => packets([b]).has(packet));
        expect(rulesMeet(a, b)).toBe(common);
      }),
      { numRuns: 1000 },
    );
  });
  it('cover a rule together if they let in each of its packets', () => {
    fc.assert(
      fc.property(rule, fc.array(rule, { maxLength: 12 }), (one, by) => {
        const there = packets(by);
        expect(isCovered(one, by)).toBe([...packets([one])].every((packet) => there.has(packet)));
      }),
      { numRuns: 2000 },
    );
  });
  it('with merged ports let in the same, and no two ranges of ports overlap or are adjacent', () => {
    fc.assert(
      fc.property(fc.array(ports, { minLength: 1, maxLength: 6 }), cidr, (all, range) => {
        const merged = mergedPorts(all);
        const rules = all.map((of) => ({ ...of, cidr: range }));
        expect(packets(rulesFor([range], all))).toEqual(packets(rules));
        for (const one of merged)
          for (const other of merged)
            if (one !== other && one.protocol === other.protocol && one.from <= other.from)
              expect(other.from).toBeGreaterThan(one.to + 1);
      }),
    );
  });
  it('are shown as people write them', () => {
    const range = parseCidr('192.0.2.0/24', 'IPv4');
    expect(ruleText({ protocol: 'tcp', from: 443, to: 443, cidr: range })).toBe('443/tcp from 192.0.2.0/24');
    expect(ruleText({ protocol: 'udp', from: 80, to: 81, cidr: range })).toBe('80-81/udp from 192.0.2.0/24');
    expect([5, 6].map((count) => listing(Array(count).fill('a')))).toEqual([
      'a, a, a, a, a',
      'a, a, a, a, a and 1 more',
    ]);
  });
});
