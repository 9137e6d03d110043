/** Address ranges as the bits that their addresses share: parsed strictly, compared, and covered by the fewest ranges. */
import { isIPv4, isIPv6 } from 'node:net';

export const FAMILIES = ['IPv4', 'IPv6'] as const;
export type Family = (typeof FAMILIES)[number];
/** A range: the leading bits that its addresses share, as `0` and `1`. */
export type Cidr = { readonly family: Family; readonly bits: string };

/** Bits of an address, and of each of its parts. */
const SIZES = { IPv4: { all: 32, part: 8 }, IPv6: { all: 128, part: 16 } } as const;

/**
 * Parses a range.
 * @throws Error for another family, host bits, and a range that is every address
 */
export function parseCidr(text: string, family: Family): Cidr {
  const [, address = '', size = ''] = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const isAddress = family === 'IPv4' ? isIPv4(address) : isIPv6(address);
  const { all, part } = SIZES[family];
  const length = Number(size);
  if (!isAddress || length > all) throw new Error(`"${text}" is not an ${family} range`);
  if (length === 0) throw new Error(`"${text}" is every address`);
  const parts = family === 'IPv4' ? address.split('.').map(Number) : partsOfIPv6(address);
  const bits = parts.map((one) => one.toString(2).padStart(part, '0')).join('');
  if (!bits.slice(length).includes('1')) return { family, bits: bits.slice(0, length) };
  throw new Error(`"${text}" has host bits: the range begins before that address`);
}

/** Returns the text that AWS shows for a range: RFC 5952 for IPv6. */
export function formatCidr({ family, bits }: Cidr): string {
  const { all, part } = SIZES[family];
  const padded = bits.padEnd(all, '0');
  const parts = Array.from({ length: all / part }, (_, n) =>
    Number.parseInt(padded.slice(n * part, (n + 1) * part), 2),
  );
  const address = family === 'IPv4' ? parts.join('.') : canonicalIPv6(parts.map((one) => one.toString(16)).join(':'));
  return `${address}/${bits.length}`;
}

/**
 * Returns a key that is equal for equal ranges. The key of a range is a prefix of the keys of the ranges that it
 * contains.
 */
export const cidrKey = ({ family, bits }: Cidr): string => family + bits;

export const distinct = (cidrs: readonly Cidr[]): Cidr[] =>
  [...new Map(cidrs.map((cidr) => [cidrKey(cidr), cidr]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, cidr]) => cidr);

/** Returns the fewest ranges that hold exactly the addresses of these, in order. */
export function minimalCover(cidrs: readonly Cidr[]): Cidr[] {
  const cover: Cidr[] = [];
  for (const cidr of distinct(cidrs)) {
    const last = cover.at(-1);
    if (last && contains(last, cidr)) continue;
    cover.push(cidr);
    for (let joined = joinedEnd(cover); joined; joined = joinedEnd(cover)) cover.splice(-2, 2, joined);
  }
  return cover;
}

export const contains = (outer: Cidr, inner: Cidr): boolean =>
  outer.family === inner.family && inner.bits.startsWith(outer.bits);

/** Ranges never overlap in part: one contains the other. */
export const overlaps = (a: Cidr, b: Cidr): boolean => contains(a, b) || contains(b, a);

/** Returns how many addresses `these` have and `those` lack. */
export const addressesMissing = (these: readonly Cidr[], those: readonly Cidr[]): bigint =>
  addressesIn([...these, ...those]) - addressesIn(those);

export const addressesIn = (cidrs: readonly Cidr[]): bigint =>
  minimalCover(cidrs).reduce((sum, { family, bits }) => sum + (1n << BigInt(SIZES[family].all - bits.length)), 0n);

/**
 * Returns the range that the last two are together, if there is one. The halves of the whole address space stay apart.
 */
function joinedEnd(cover: readonly Cidr[]): Cidr | undefined {
  const [low, high] = cover.slice(-2);
  const bits = low?.bits.slice(0, -1);
  return low && bits && high?.family === low.family && high.bits === `${bits}1` ? { ...low, bits } : undefined;
}

function partsOfIPv6(address: string): number[] {
  const sides = canonicalIPv6(address).split('::');
  const [before = [], after = []] = sides.map((side) => side.split(':').filter(Boolean));
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((part) => Number.parseInt(part, 16));
}

/** URLs write addresses as RFC 5952 says. */
const canonicalIPv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
