/** Decides whether a document takes more away than documents do. */
import type { IpRangesTarget } from '../contract/targets.ts';
import { addressesIn, addressesMissing, type Cidr, contains, type Family, formatCidr, minimalCover } from './cidr.ts';
import type { Wanted } from './document.ts';

export type ShrinkGuard = {
  /** Families in which nothing may go that the document does not let in. */
  readonly families: ReadonlySet<Family>;
  readonly refused?: string;
};

const OVERRIDE =
  'Nothing of that is taken away, and what is new is let in. If the document is right, allow the shrink once: suture ip-ranges apply --allow-shrink';

/** Compares the ranges that are let in now with those that are wanted, family by family. */
export function shrinkGuard(held: readonly Cidr[], { ranges, empty }: Wanted, target: IpRangesTarget): ShrinkGuard {
  if (empty.length > 0)
    return {
      families: new Set(target.families),
      refused: `The document has no range of ${empty.join(', nor of ')}. ${OVERRIDE}`,
    };
  const losses = target.families.flatMap((family) => {
    const loss = lossOf(family, held, ranges);
    return loss && loss.percent > target.shrinkLimit ? [{ family, text: loss.text }] : [];
  });
  if (losses.length === 0) return { families: new Set() };
  const taken = losses.map(({ text }) => text).join(' and ');
  return {
    families: new Set(losses.map(({ family }) => family)),
    refused: `The document takes away ${taken} that are let in now for ${target.services.join(', ')}, more than ${target.shrinkLimit} %. ${OVERRIDE}`,
  };
}

/** Takes the greater of two losses, in addresses and in ranges: a few ranges may be most addresses, and many ranges few. */
function lossOf(family: Family, held: readonly Cidr[], wanted: readonly Cidr[]) {
  const before = [
    ...new Map(held.filter((cidr) => cidr.family === family).map((cidr) => [formatCidr(cidr), cidr])).values(),
  ];
  if (before.length === 0) return undefined;
  const after = minimalCover(wanted.filter((cidr) => cidr.family === family));
  const lost = before.filter((cidr) => !after.some((range) => contains(range, cidr)));
  const ranges = (100 * lost.length) / before.length;
  const addresses = percent(addressesMissing(before, after), addressesIn(minimalCover(before)));
  return ranges >= addresses
    ? { percent: ranges, text: `${shown(ranges)} % of the ${family} ranges (${lost.length} of ${before.length})` }
    : { percent: addresses, text: `${shown(addresses)} % of the ${family} addresses` };
}

/** Counts of IPv6 are beyond what a number holds exactly. */
const percent = (part: bigint, whole: bigint): number => Number((part * 1_000_000n) / whole) / 10_000;

/** `55`, `66.67`. */
const shown = (value: number): string => String(Number(value.toFixed(2)));
