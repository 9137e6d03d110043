import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressesMissing,
  type Cidr,
  type Family,
  formatCidr,
  minimalCover,
  overlaps,
  parseCidr,
} from '../../ip-ranges/planning/cidr.ts';

describe('a range', () => {
  it.each<[why: string, text: string, family: Family, message: RegExp]>([
    ['host bits', '192.0.2.1/24', 'IPv4', /has host bits/],
    ['host bits of IPv6', '2001:db8::1/64', 'IPv6', /has host bits/],
    ['everything', '0.0.0.0/0', 'IPv4', /is every address/],
    ['everything of IPv6', '::/0', 'IPv6', /is every address/],
    ['another family', '2001:db8::/32', 'IPv4', /is not an IPv4 range/],
    ['another family', '192.0.2.0/24', 'IPv6', /is not an IPv6 range/],
    ['too many bits', '192.0.2.0/33', 'IPv4', /is not an IPv4 range/],
    ['leading zeros', '192.0.02.0/24', 'IPv4', /is not an IPv4 range/],
    ['a length that is not a number', '192.0.2.0/2e1', 'IPv4', /is not an IPv4 range/],
    ['no length', '192.0.2.0', 'IPv4', /is not an IPv4 range/],
    ['a zone', 'fe80::%eth0/64', 'IPv6', /is not an IPv6 range/],
    ['something after it', '192.0.2.0/24/1', 'IPv4', /is not an IPv4 range/],
  ])('with %s is refused: %s', (_, text, family, message) => {
    expect(() => parseCidr(text, family)).toThrow(message);
  });

  it.each([
    ['2600:9000:0:0:0:0:0:0/28', '2600:9000::/28'],
    ['2001:0DB8:0000:0001:0000:0000:0000:0000/64', '2001:db8:0:1::/64'],
    ['2001:db8:0:0:1:0:0:0/80', '2001:db8:0:0:1::/80'],
    ['2001:0:0:1:0:0:0:1/128', '2001:0:0:1::1/128'],
    ['1:0:2:3:4:5:6:7/128', '1:0:2:3:4:5:6:7/128'],
    ['::ffff:192.0.2.0/120', '::ffff:c000:200/120'],
    ['::1/128', '::1/128'],
  ])('%s is written as AWS shows it: %s', (text, shown) => {
    expect(formatCidr(parseCidr(text, 'IPv6'))).toBe(shown);
  });

  it('is the same after formatting and parsing', () => {
    const address = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    const sparse = fc
      .tuple(address, fc.array(fc.integer({ min: 0, max: 7 })))
      .map(([value, zeros]) => zeros.reduce((all, part) => all & ~(0xffffn << BigInt(16 * part)), value));
    fc.assert(
      fc.property(sparse, (first) => {
        const cidr: Cidr = { family: 'IPv6', bits: first.toString(2).padStart(128, '0') };
        const text = formatCidr(cidr);
        expect(isIPv6(text.replace('/128', ''))).toBe(true);
        expect(parseCidr(text, 'IPv6')).toEqual(cidr);
        expect(new URL(`http://[${text.replace('/128', '')}]`).hostname).toBe(`[${text.replace('/128', '')}]`);
      }),
    );
  });
});

describe('the minimal cover', () => {
  /** A space of 64 addresses of each family, small enough to compare every address. */
  const BASE: Readonly<Record<Family, bigint>> = { IPv4: 0xc0000200n, IPv6: 0x20010db8n << 96n };
  const BITS: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 };
  const block = (family: Family) =>
    fc.record({ bits: fc.integer({ min: 0, max: 6 }), at: fc.nat(63) }).map(({ bits, at }): Cidr => {
      const first = BASE[family] + BigInt(at - (at % 2 ** bits));
      return {
        family,
        bits: first
          .toString(2)
          .padStart(BITS[family], '0')
          .slice(0, BITS[family] - bits),
      };
    });
  const addressesOf = (cidrs: readonly Cidr[]) => {
    const all = new Set<bigint>();
    for (const { family, bits } of cidrs) {
      const first = BigInt(`0b${bits.padEnd(BITS[family], '0')}`);
      for (let n = 0n; n < 1n << BigInt(BITS[family] - bits.length); n++) all.add(first + n);
    }
    return all;
  };
  /** Counts the fewest aligned blocks, top down: one for a full block, otherwise those of its halves. */
  function fewest(addresses: ReadonlySet<bigint>, first: bigint, size: bigint): number {
    const held = Array.from({ length: Number(size) }, (_, n) => addresses.has(first + BigInt(n)));
    if (held.every(Boolean)) return 1;
    if (!held.some(Boolean)) return 0;
    return fewest(addresses, first, size / 2n) + fewest(addresses, first + size / 2n, size / 2n);
  }

  it.each<Family>(['IPv4', 'IPv6'])('holds the same addresses in the fewest ranges: %s', (family) => {
    fc.assert(
      fc.property(fc.array(block(family), { maxLength: 20 }), (cidrs) => {
        const cover = minimalCover(cidrs);
        const addresses = addressesOf(cidrs);
        expect(addressesOf(cover)).toEqual(addresses);
        expect(cover).toHaveLength(fewest(addresses, BASE[family], 64n));
        expect(minimalCover(cidrs.toReversed())).toEqual(cover);
      }),
    );
  });

  it('lacks as many addresses as a count one by one', () => {
    fc.assert(
      fc.property(fc.array(block('IPv4')), fc.array(block('IPv4')), (these, those) => {
        const there = addressesOf(those);
        expect(addressesMissing(these, those)).toBe(
          BigInt([...addressesOf(these)].filter((one) => !there.has(one)).length),
        );
      }),
    );
  });

  it('never joins or drops a range for one of the other family', () => {
    const both = [parseCidr('0.0.0.0/2', 'IPv4'), parseCidr('4000::/2', 'IPv6'), parseCidr('1000::/4', 'IPv6')];
    expect(minimalCover(both).map(formatCidr)).toEqual(['0.0.0.0/2', '1000::/4', '4000::/2']);
    expect(overlaps(both[0]!, both[2]!)).toBe(false);
  });
  it('does not join the two halves of the address space', () => {
    const halves = ['0.0.0.0/1', '128.0.0.0/1'].map((text) => parseCidr(text, 'IPv4'));
    expect(minimalCover(halves).map(formatCidr)).toEqual(['0.0.0.0/1', '128.0.0.0/1']);
  });
});
