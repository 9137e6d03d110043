/**
 * Durations, counted in buckets that each grow by nine per cent. That is the precision of a percentile, and counters
 * can add up a day's counts. Pure.
 */

const PER_DOUBLING = 8;

/** A duration below a second is in bucket 0. */
export const bucketOf = (seconds: number): number => Math.floor(PER_DOUBLING * Math.log2(Math.max(0, seconds) + 1));

const middleOf = (bucket: number): number => 2 ** ((bucket + 0.5) / PER_DOUBLING) - 1;

export type Durations = Readonly<Record<number, number>>;

/**
 * @param share 0.5 for the median
 * @returns seconds, to within a bucket; undefined if there are no durations
 */
export function percentile(durations: Durations, share: number): number | undefined {
  const buckets = Object.entries(durations)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((a, b) => a.bucket - b.bucket);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let counted = 0;
  for (const { bucket, count } of buckets) {
    counted += count;
    if (counted >= share * total) return middleOf(bucket);
  }
  return undefined;
}

export const sumOf = (many: readonly Durations[]): Durations => {
  const sum: Record<number, number> = {};
  for (const one of many)
    for (const [bucket, count] of Object.entries(one)) sum[Number(bucket)] = (sum[Number(bucket)] ?? 0) + count;
  return sum;
};
