import { describe, expect, it } from 'vitest';
import { byName, counted, isOver, type Section, shown, timed } from '../../../lab/bench/figures.ts';

const sectionOf = (...figures: ReturnType<typeof counted>[]): Section => ({
  title: 'Lane',
  of: 'one / two',
  beside: 'what others take',
  rows: [{ what: 'a row', figures, beside: 'a remark' }],
});

describe('the table', () => {
  const text = shown([
    sectionOf(counted('calls', 1_234), timed('time', 1.2345, ' s')),
    sectionOf(counted('states', 7, { limit: 6 })),
  ]);
  it('has each section under its title, with what its rows hold and what it is seen beside', () => {
    expect(text.match(/^Lane: one \/ two \(what others take\)$/gm)).toHaveLength(2);
  });
  it('shows counts in full, and of what is measured three digits', () => {
    expect(text).toMatch(/a row +1,234 \/ 1\.23 s +a remark/);
  });
  it('says what is over its limit, beside the limit', () => {
    expect(text).toMatch(/a row +7 \(over\) +6 +a remark/);
  });
});

it('is over its limit only beyond it', () => {
  expect([6, 7].map((value) => isOver(counted('states', value, { limit: 6 })))).toEqual([false, true]);
  expect(isOver(counted('states', 7))).toBe(false);
});

it('gives every figure under its own name, and refuses two of one name', () => {
  expect(byName([sectionOf(counted('a', 1), counted('b', 2))])).toEqual({ a: 1, b: 2 });
  expect(() => byName([sectionOf(counted('a', 1)), sectionOf(counted('a', 2))])).toThrow('same name');
});
