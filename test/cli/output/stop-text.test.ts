import { expect, it } from 'vitest';
import { rangesText, stopText } from '../../../cli/output/stop-text.ts';

const STOP = { at: '2026-11-22T10:00:00Z', by: 'ada', reason: 'a trial' };

it('says in a sentence of its own that a stop leaves the updater of address ranges some work', () => {
  expect(stopText(STOP)).toBe('since 2026-11-22T10:00:00Z by ada: a trial');
  expect(rangesText(STOP).join()).toMatch(/^The updater of address ranges, if you use it, still lets in .*--all/);
});

it('says in the middle only that address ranges are stopped too', () => {
  expect(stopText({ ...STOP, all: true })).toBe('since 2026-11-22T10:00:00Z (address ranges too) by ada: a trial');
  expect(rangesText({ ...STOP, all: true })).toEqual([]);
});
