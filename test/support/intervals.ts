/**
 * Sets of addresses as sorted, disjoint intervals. Two lists of CIDRs cover the same addresses if their intervals are
 * equal.
 */

export type Interval = readonly [first: bigint, last: bigint];

/** The CIDRs must be of one address family. */
export function addressesOf(cidrs: readonly string[]): Interval[] {
  const merged: [bigint, bigint][] = [];
  for (const [first, last] of cidrs.map(intervalOf).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1n) before[1] = last > before[1] ? last : before[1];
    else merged.push([first, last]);
  }
  return merged;
}

export const intersection = (left: readonly Interval[], right: readonly Interval[]): Interval[] =>
  left.flatMap(([from, to]) =>
    right.flatMap(([first, last]): Interval[] => {
      const [low, high] = [from > first ? from : first, to < last ? to : last];
      return low <= high ? [[low, high]] : [];
    }),
  );

function intervalOf(cidr: string): Interval {
  const [address = '', length] = cidr.split('/');
  const bits = address.includes(':') ? 128 : 32;
  const first = bits === 128 ? ipv6(address) : ipv4(address);
  return [first, first + (1n << BigInt(bits - Number(length))) - 1n];
}

const ipv4 = (address: string): bigint => address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);

function ipv6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
