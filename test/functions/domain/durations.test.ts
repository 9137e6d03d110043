import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, type Durations, percentile, sumOf } from '../../../functions/domain/durations.ts';

const durationsOf = (seconds: readonly number[]): Durations => {
  const counts: Record<number, number> = {};
  for (const each of seconds) counts[bucketOf(each)] = (counts[bucketOf(each)] ?? 0) + 1;
  return counts;
};

describe('durations in buckets', () => {
  it('give percentiles to within nine percent, or one second', () => {
    const seconds = fc.array(fc.double({ min: 0, max: 10_000_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(seconds, fc.constantFrom(0.5, 0.95, 1), (all, share) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1]!;
        const result = percentile(durationsOf(all), share)!;
        expect(Math.abs(result - exact)).toBeLessThanOrEqual(Math.max(1, 0.09 * exact));
      }),
    );
  });
  it('add up', () => {
    const all = [1, 5, 5, 900];
    expect(sumOf([durationsOf(all.slice(0, 2)), durationsOf(all.slice(2))])).toEqual(durationsOf(all));
  });
  it('give no percentile without durations', () => {
    expect(percentile({}, 0.5)).toBeUndefined();
  });
});
