/**
 * Durations, counted in buckets that grow by nine per cent each. That is the precision of a percentile, and a day's counts
 * are a few numbers that counters can add up. Pure.
 */

/** Buckets for each doubling. */
const PER_DOUBLING = 8;

/** Returns the bucket of a duration; 0 for less than a second. */
export const bucketOf = (seconds: number): number => Math.floor(PER_DOUBLING * Math.log2(Math.max(0, seconds) + 1));

/** Returns the seconds in the middle of a bucket. */
const middleOf = (bucket: number): number => 2 ** ((bucket + 0.5) / PER_DOUBLING) - 1;

/** Counts by bucket. */
export type Durations = Readonly<Record<number, number>>;

/** Returns the seconds within which this share (0.5, 0.95) of all durations lies, to within a bucket; undefined where there are none. */
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

/** Adds up the counts of all. */
export const sumOf = (many: readonly Durations[]): Durations => {
  const sum: Record<number, number> = {};
  for (const one of many)
    for (const [bucket, count] of Object.entries(one)) sum[Number(bucket)] = (sum[Number(bucket)] ?? 0) + count;
  return sum;
};
