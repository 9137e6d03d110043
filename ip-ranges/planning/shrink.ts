/** Whether a document takes more away than documents do. */
import { addressesIn, addressesMissing, type Cidr, FAMILIES, type Family, formatCidr, minimalCover } from './cidr.ts';

/**
 * Percent of what is allowed now that would go, of ranges or of addresses, in the family that loses most; 0 where nothing
 * is allowed yet. Both count: a few ranges may be most addresses, and many ranges few.
 */
export function shrinkOf(held: readonly Cidr[], wanted: readonly Cidr[], families: readonly Family[]): number {
  return Math.max(
    0,
    ...FAMILIES.filter((family) => families.includes(family)).map((family) => ofFamily(held, wanted, family)),
  );
}

function ofFamily(held: readonly Cidr[], wanted: readonly Cidr[], family: Family): number {
  const before = held.filter((cidr) => cidr.family === family);
  if (before.length === 0) return 0;
  const after = wanted.filter((cidr) => cidr.family === family);
  const addresses = percent(addressesMissing(before, after), addressesIn(minimalCover(before)));
  const ranges = new Set(before.map(formatCidr)).size;
  return Math.max(addresses, (100 * (ranges - after.length)) / ranges);
}

/** Counts of IPv6 are beyond what a number holds exactly. */
const percent = (part: bigint, whole: bigint): number => Number((part * 10_000n) / whole) / 100;
