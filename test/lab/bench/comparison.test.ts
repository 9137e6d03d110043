import { describe, expect, it } from 'vitest';
import { compareFigures } from '../../../lab/bench/comparison.ts';
import {
  countFigure,
  type Figure,
  peakTimeFigure,
  rateFigure,
  type Section,
  stableFigure,
  timeFigure,
} from '../../../lab/bench/figures.ts';

const sectionOf = (...figures: Figure[]): Section[] => [
  { title: 'Lane', columns: 'one', rows: [{ label: 'a row', figures }] },
];

describe('a comparison with an earlier run', () => {
  it.each([
    { says: 'a count that rose by one', figure: countFigure('calls', 121), before: 120, worse: true },
    { says: 'a count that fell', figure: countFigure('calls', 119), before: 120, worse: false },
    { says: 'a count that was 0', figure: countFigure('lost', 1), before: 0, worse: true },
    { says: 'a time within its tolerance', figure: timeFigure('load', 140, ' ms'), before: 100, worse: false },
    { says: 'a time beyond its tolerance', figure: timeFigure('load', 160, ' ms'), before: 100, worse: true },
    { says: 'a peak after one interruption', figure: peakTimeFigure('p99', 8, ' ms'), before: 2, worse: false },
    { says: 'a far higher peak', figure: peakTimeFigure('p99', 12, ' ms'), before: 2, worse: true },
    { says: 'a size that grew slightly', figure: stableFigure('kb', 402, ' KB'), before: 400, worse: false },
    { says: 'a size that grew', figure: stableFigure('kb', 420, ' KB'), before: 400, worse: true },
    { says: 'a rate that fell by half', figure: rateFigure('rate', 50, '/s'), before: 100, worse: true },
    { says: 'a rate that rose', figure: rateFigure('rate', 150, '/s'), before: 100, worse: false },
  ])('of $says: worse is $worse', ({ figure, before, worse }) => {
    expect(compareFigures({ [figure.name]: before }, sectionOf(figure)).isWorse).toBe(worse);
  });
  it('shows the earlier and the new value, and the tolerance', () => {
    const { comparison } = compareFigures(
      { calls: 120, load: 100 },
      sectionOf(countFigure('calls', 121), timeFigure('load', 160, ' ms')),
    );
    expect(comparison).toBe('Got worse:\n  calls: 120 → 121\n  load: 100 ms → 160 ms, more than 50 % worse');
  });
  it('names figures of only one run, which are not worse', () => {
    const now = sectionOf(countFigure('new', 5), countFigure('calls', 5));
    expect(compareFigures({ gone: 1, calls: 5 }, now)).toEqual({
      comparison: 'Nothing got worse.\nMeasured now, not before: new\nMeasured before, not now: gone',
      isWorse: false,
    });
  });
});
