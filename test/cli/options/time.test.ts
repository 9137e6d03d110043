import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../cli/options/time.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('parseTime', () => {
  it.each([
    ['90m', '2026-11-22T10:30:00.000Z'],
    ['2h', '2026-11-22T10:00:00.000Z'],
    ['7d', '2026-11-15T12:00:00.000Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22T03:00Z', '2026-11-22T03:00:00.000Z'],
    ['2026-11-22T03:00+01:00', '2026-11-22T02:00:00.000Z'],
  ])('reads %s as %s', (text, time) => {
    expect(parseTime(text, NOW, '--since')).toBe(time);
  });
  it.each(['yesterday', '2', '2w', '', '2026-13-45', '-2h'])('refuses "%s"', (text) => {
    expect(() => parseTime(text, NOW, '--since')).toThrow(/--since takes 90m/);
  });
});
