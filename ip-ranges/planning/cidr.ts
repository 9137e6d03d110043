/** Address ranges as numbers: parsed strictly, compared, and covered by as few ranges as say exactly the same. */
import { isIPv4, isIPv6 } from 'node:net';

export const FAMILIES = ['IPv4', 'IPv6'] as const;
export type Family = (typeof FAMILIES)[number];

/** A range: its first address, and how many leading bits its addresses share. */
export type Cidr = { readonly family: Family; readonly first: bigint; readonly length: number };

const BITS: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 };

/**
 * Parses a range as it is published.
 * @throws Error for another family, host bits, and a range that is everything
 */
export function parseCidr(text: string, family: Family): Cidr {
  const [address = '', size = '', ...more] = text.split('/');
  const isAddress = family === 'IPv4' ? isIPv4(address) : isIPv6(address) && !address.includes('%');
  const length = Number(size);
  if (!isAddress || !/^(0|[1-9]\d{0,2})$/.test(size) || more.length > 0 || length > BITS[family])
    throw new Error(`"${text}" is not an ${family} range`);
  if (length === 0) throw new Error(`"${text}" is every address`);
  const cidr = { family, first: numberOf(address, family), length };
  if (cidr.first % sizeOf(cidr) !== 0n)
    throw new Error(`"${text}" has host bits: the range begins before that address`);
  return cidr;
}

/** Parses ranges that `formatCidr` has written. */
export const parseCidrs = (texts: readonly string[]): Cidr[] =>
  texts.map((text) => parseCidr(text, text.includes(':') ? 'IPv6' : 'IPv4'));

/** Returns the text that AWS shows for a range: RFC 5952 for IPv6. */
export const formatCidr = ({ family, first, length }: Cidr): string =>
  `${family === 'IPv4' ? formatIPv4(first) : formatIPv6(first)}/${length}`;

/** Returns the fewest ranges that hold exactly the addresses of these, in order. */
export function minimalCover(cidrs: readonly Cidr[]): Cidr[] {
  const cover: Cidr[] = [];
  for (const cidr of cidrs.toSorted(compareCidrs)) {
    const last = cover.at(-1);
    if (last && contains(last, cidr)) continue;
    cover.push(cidr);
    for (let joined = joinedEnd(cover); joined; joined = joinedEnd(cover)) cover.splice(-2, 2, joined);
  }
  return cover;
}

/** Orders by family, first address and, if two begin alike, the wider one first. */
export const compareCidrs = (a: Cidr, b: Cidr): number =>
  a.family.localeCompare(b.family) || Number(a.first > b.first) - Number(a.first < b.first) || a.length - b.length;

export const contains = (outer: Cidr, inner: Cidr): boolean =>
  outer.family === inner.family && outer.first <= inner.first && lastOf(inner) <= lastOf(outer);

/** Ranges never overlap in part: one holds the other. */
export const overlaps = (a: Cidr, b: Cidr): boolean => contains(a, b) || contains(b, a);

/** Counts the addresses of these ranges that are not in those. */
export function addressesMissing(these: readonly Cidr[], those: readonly Cidr[]): bigint {
  const together = minimalCover([...these, ...those]);
  return addressesIn(together) - addressesIn(minimalCover(those));
}

/** Counts the addresses of ranges that do not overlap. */
export const addressesIn = (cover: readonly Cidr[]): bigint => cover.reduce((sum, cidr) => sum + sizeOf(cidr), 0n);

const lastOf = (cidr: Cidr): bigint => cidr.first + sizeOf(cidr) - 1n;

const sizeOf = ({ family, length }: Pick<Cidr, 'family' | 'length'>): bigint => 1n << BigInt(BITS[family] - length);

/** Returns the range that the last two are together, if there is one. */
function joinedEnd(cover: readonly Cidr[]): Cidr | undefined {
  const [low, high] = cover.slice(-2);
  if (!low || !high || low.family !== high.family || low.length !== high.length || low.length === 1) return undefined;
  const joined = { ...low, length: low.length - 1 };
  return low.first % sizeOf(joined) === 0n && low.first + sizeOf(low) === high.first ? joined : undefined;
}

function numberOf(address: string, family: Family): bigint {
  if (family === 'IPv4') return digits(address.split('.').map(Number), 8n);
  const [before = [], after = []] = canonicalIPv6(address)
    .split('::')
    .map((side) => side.split(':').flatMap((part) => (part === '' ? [] : Number.parseInt(part, 16))));
  return digits([...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after], 16n);
}

const digits = (values: readonly number[], bits: bigint): bigint =>
  values.reduce((sum, value) => (sum << bits) + BigInt(value), 0n);

const formatIPv4 = (address: bigint): string => [24n, 16n, 8n, 0n].map((bits) => (address >> bits) & 255n).join('.');

const formatIPv6 = (address: bigint): string =>
  canonicalIPv6(
    Array.from({ length: 8 }, (_, n) => ((address >> BigInt(112 - 16 * n)) & 0xffffn).toString(16)).join(':'),
  );

/** URLs write addresses as RFC 5952 says. */
const canonicalIPv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
