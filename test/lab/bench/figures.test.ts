import { describe, expect, it } from 'vitest';
import {
  countFigure,
  type Figure,
  figuresTable,
  figureValues,
  isOverLimit,
  type Section,
  timeFigure,
} from '../../../lab/bench/figures.ts';

const sectionOf = (...figures: Figure[]): Section => ({
  title: 'Lane',
  columns: 'one / two',
  note: 'what others take',
  rows: [{ label: 'a row', figures, note: 'a remark' }],
});

describe('the table of figures', () => {
  const text = figuresTable([
    sectionOf(countFigure('calls', 1_234), timeFigure('time', 1.2345, ' s')),
    sectionOf(countFigure('states', 7, { limit: 6 })),
  ]);
  it('has each section below its title, with its columns and note', () => {
    expect(text.match(/^Lane: one \/ two \(what others take\)$/gm)).toHaveLength(2);
  });
  it('shows counts in full and other figures with three digits', () => {
    expect(text).toMatch(/a row +1,234 \/ 1\.23 s +a remark/);
  });
  it('marks figures over their limit, and shows the limit', () => {
    expect(text).toMatch(/a row +7 \(over\) +6 +a remark/);
  });
});

it('a figure is over its limit only beyond it', () => {
  expect([6, 7].map((value) => isOverLimit(countFigure('states', value, { limit: 6 })))).toEqual([false, true]);
  expect(isOverLimit(countFigure('states', 7))).toBe(false);
});

it('every figure has a unique name', () => {
  expect(figureValues([sectionOf(countFigure('a', 1), countFigure('b', 2))])).toEqual({ a: 1, b: 2 });
  expect(() => figureValues([sectionOf(countFigure('a', 1)), sectionOf(countFigure('a', 2))])).toThrow(
    'Two figures have the name a.',
  );
});
