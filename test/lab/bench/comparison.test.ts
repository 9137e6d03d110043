import { describe, expect, it } from 'vitest';
import { compared } from '../../../lab/bench/comparison.ts';
import { counted, type Figure, nearly, rated, type Section, slowest, timed } from '../../../lab/bench/figures.ts';

const sectionOf = (...figures: Figure[]): Section[] => [
  { title: 'Lane', of: 'one', rows: [{ what: 'a row', figures }] },
];

describe('what got worse', () => {
  it.each([
    { says: 'a count that rose by one', figure: counted('calls', 121), before: 120, worse: true },
    { says: 'a count that fell', figure: counted('calls', 119), before: 120, worse: false },
    { says: 'a count where there was none', figure: counted('lost', 1), before: 0, worse: true },
    { says: 'a time within what a busy machine takes', figure: timed('load', 140, ' ms'), before: 100, worse: false },
    { says: 'a time beyond it', figure: timed('load', 160, ' ms'), before: 100, worse: true },
    { says: 'the slowest, once interrupted', figure: slowest('p99', 8, ' ms'), before: 2, worse: false },
    { says: 'the slowest, far slower', figure: slowest('p99', 12, ' ms'), before: 2, worse: true },
    { says: 'a size that grew slightly', figure: nearly('kb', 402, ' KB'), before: 400, worse: false },
    { says: 'a size that grew', figure: nearly('kb', 420, ' KB'), before: 400, worse: true },
    { says: 'a rate that fell to half', figure: rated('rate', 50, '/s'), before: 100, worse: true },
    { says: 'a rate that rose', figure: rated('rate', 150, '/s'), before: 100, worse: false },
  ])('$says: $worse', ({ figure, before, worse }) => {
    expect(compared({ [figure.name]: before }, sectionOf(figure)).worse).toBe(worse);
  });
  it('is told with what it was, what it is, and how much it may vary', () => {
    const { compared: text } = compared(
      { calls: 120, load: 100 },
      sectionOf(counted('calls', 121), timed('load', 160, ' ms')),
    );
    expect(text).toBe('Got worse:\n  calls: 120 → 121\n  load: 100 ms → 160 ms, more than 50 % worse');
  });
  it('is not what only one of the two measured, which is told too', () => {
    expect(compared({ gone: 1, calls: 5 }, sectionOf(counted('new', 5), counted('calls', 5)))).toEqual({
      compared: 'Nothing got worse.\nMeasured now, not before: new\nMeasured before, not now: gone',
      worse: false,
    });
  });
});
