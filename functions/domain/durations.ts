/**
 * How long something took, counted in buckets that grow by nine in a hundred: a percentile is right to that, and a day's
 * counts are a few numbers that counters can add up. Pure.
 */

/** Buckets for each doubling. */
const PER_DOUBLING = 8;

/** The bucket of a duration in seconds; 0 for what took less than one. */
export const bucketOf = (seconds: number): number => Math.floor(PER_DOUBLING * Math.log2(Math.max(0, seconds) + 1));

/** Seconds in the middle of a bucket. */
const middleOf = (bucket: number): number => 2 ** ((bucket + 0.5) / PER_DOUBLING) - 1;

/** How many fell into each bucket. */
export type Durations = Readonly<Record<number, number>>;

/** Seconds that this share (0.5, 0.95) of all took at most, give or take a bucket; undefined where there are none. */
export function percentile(durations: Durations, share: number): number | undefined {
  const buckets = Object.entries(durations)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((a, b) => a.bucket - b.bucket);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { bucket, count } of buckets) {
    seen += count;
    if (seen >= share * total) return middleOf(bucket);
  }
  return undefined;
}

export const sumOf = (many: readonly Durations[]): Durations => {
  const sum: Record<number, number> = {};
  for (const one of many)
    for (const [bucket, count] of Object.entries(one)) sum[Number(bucket)] = (sum[Number(bucket)] ?? 0) + count;
  return sum;
};
