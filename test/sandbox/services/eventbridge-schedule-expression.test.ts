import { expect, it } from 'vitest';
import { parseSchedule } from '../../../sandbox/services/eventbridge/schedule-expression.ts';

/** A Sunday. */
const NOW = Date.UTC(2026, 10, 1, 12, 0);
const next = (expression: string, times = 1) => {
  const schedule = parseSchedule(expression);
  let at: number | undefined = NOW;
  for (let time = 0; time < times && at !== undefined; time++) at = schedule(at);
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};

it.each([
  ['every minute', 'rate(1 minute)', '2026-11-01T12:01'],
  ['every two days', 'rate(2 days)', '2026-11-03T12:00'],
  ['daily at a time already past', 'cron(0 10 * * ? *)', '2026-11-02T10:00'],
  ['daily at a time to come', 'cron(15 12 * * ? *)', '2026-11-01T12:15'],
  ['not at the current moment', 'cron(0 12 * * ? *)', '2026-11-02T12:00'],
  ['weekdays by name', 'cron(0 18 ? * MON-FRI *)', '2026-11-02T18:00'],
  ['Sundays as 1', 'cron(0 18 ? * 1 *)', '2026-11-01T18:00'],
  ['every ten minutes of some hours', 'cron(0/10 8-17 ? * 2-6 *)', '2026-11-02T08:00'],
  ['the last day of the month', 'cron(0 8 L * ? *)', '2026-11-30T08:00'],
  ['the weekday next to a Sunday the 15th', 'cron(0 8 15W * ? *)', '2026-11-16T08:00'],
  ['the last Friday of the month', 'cron(0 8 ? * 6L *)', '2026-11-27T08:00'],
  ['the second Tuesday of the month', 'cron(0 8 ? * 3#2 *)', '2026-11-10T08:00'],
  ['a leap day', 'cron(0 0 29 FEB ? *)', '2028-02-29T00:00'],
  ['lists', 'cron(5,35 14 * * ? *)', '2026-11-01T14:05'],
  ['never, in a past year', 'cron(0 0 1 1 ? 2020)', undefined],
  ['once', 'at(2026-11-01T13:30:00)', '2026-11-01T13:30'],
])('%s', (_, expression, expected) => expect(next(expression)).toBe(expected));

it('returns the second time after the first', () => expect(next('cron(5,35 14 * * ? *)', 2)).toBe('2026-11-01T14:35'));
it('has no second time for at()', () => expect(next('at(2026-11-01T13:30:00)', 2)).toBeUndefined());

it.each([
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'cron(0 10 * * *)',
  'cron(0 10 * * * *)',
  'cron(0 10 ? * ? *)',
  'cron(61 10 * * ? *)',
  'cron(0 10 ? * MOX *)',
  'daily',
])('rejects %s', (expression) =>
  expect(() => parseSchedule(expression)).toThrow(expect.objectContaining({ code: 'ValidationException' })),
);
