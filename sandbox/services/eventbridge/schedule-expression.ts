/**
 * Schedule expressions: rate(), cron() and, for EventBridge Scheduler, at(). All in UTC.
 * Source: "Cron and rate expressions", EventBridge user guide; "Schedule types", EventBridge Scheduler user guide.
 */
import { AwsError } from '../../kernel/kernel.ts';

/** Returns the next time after `now` at which the schedule fires; undefined if there is none. */
export type EventSchedule = (now: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DAY_MS = 86_400_000;
/** A cron expression that does not fire in eight years never does: leap days are at most eight years apart. */
const MAX_DAYS_AHEAD = 8 * 366;

/** @throws AwsError ValidationException if the expression is malformed */
export function parseSchedule(expression: string): EventSchedule {
  const { kind, text = '' } = /^(?<kind>rate|cron|at)\((?<text>.*)\)$/.exec(expression)?.groups ?? {};
  if (kind === 'rate') return rate(text);
  if (kind === 'cron') return cron(text);
  if (kind === 'at') return atTime(text);
  return invalidSchedule();
}

function rate(text: string): EventSchedule {
  const { count, unit, plural } = /^(?<count>\d+) (?<unit>minute|hour|day)(?<plural>s?)$/.exec(text)?.groups ?? {};
  if (!count || Number(count) === 0 || (Number(count) === 1) !== (plural === '')) return invalidSchedule();
  const period = Number(count) * UNIT_MS[unit!]!;
  return (now) => now + period;
}

function atTime(text: string): EventSchedule {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return invalidSchedule();
  const moment = Date.parse(`${text}Z`);
  return (now) => (moment > now ? moment : undefined);
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function cron(text: string): EventSchedule {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) return invalidSchedule();
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields as [string, string, string, string, string, string];
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return invalidSchedule();
  const minutes = numbersOf(minute, 0, 59);
  const hours = numbersOf(hour, 0, 23);
  const inMonth = membership(numbersOf(withNumbers(month, MONTHS), 1, 12));
  const inYear = membership(numbersOf(year, 1970, 2199));
  const onDay = dayOfMonth === '?' ? dayOfWeekTest(withNumbers(dayOfWeek, WEEKDAYS)) : dayOfMonthTest(dayOfMonth);

  return (now) => {
    const today = Math.floor(now / DAY_MS) * DAY_MS;
    for (let day = today; day < today + MAX_DAYS_AHEAD * DAY_MS; day += DAY_MS) {
      const date = new Date(day);
      if (!inYear(date.getUTCFullYear()) || !inMonth(date.getUTCMonth() + 1) || !onDay(date)) continue;
      for (const h of hours) {
        for (const m of minutes) {
          const moment = day + (h * 60 + m) * 60_000;
          if (moment > now) return moment;
        }
      }
    }
    return undefined;
  };
}

function dayOfMonthTest(field: string): (date: Date) => boolean {
  if (field === 'L') return (date) => date.getUTCDate() === lastDayOf(date);
  const nearest = /^(\d{1,2})W$/.exec(field);
  if (nearest) return (date) => date.getUTCDate() === nearestWeekday(date, Number(nearest[1]));
  const isDay = membership(numbersOf(field, 1, 31));
  return (date) => isDay(date.getUTCDate());
}

function dayOfWeekTest(field: string): (date: Date) => boolean {
  if (field === 'L') return (date) => date.getUTCDay() === 6;
  const { day, which } = /^(?<day>[1-7])(?<which>L|#[1-5])$/.exec(field)?.groups ?? {};
  if (which === 'L') return (date) => isWeekday(date, day!) && date.getUTCDate() > lastDayOf(date) - 7;
  if (which) return (date) => isWeekday(date, day!) && Math.ceil(date.getUTCDate() / 7) === Number(which[1]);
  const isDay = membership(numbersOf(field, 1, 7));
  return (date) => isDay(date.getUTCDay() + 1);
}

const isWeekday = (date: Date, day: string): boolean => date.getUTCDay() + 1 === Number(day);

const lastDayOf = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function nearestWeekday(date: Date, dayOfMonth: number): number {
  const day = Math.min(dayOfMonth, lastDayOf(date));
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === lastDayOf(date) ? day - 2 : day + 1;
  return day;
}

/** Parses `*`, `1,5`, `1-5`, `0/15` and `1-30/10`. */
function numbersOf(field: string, min: number, max: number): number[] {
  const numbers = field.split(',').flatMap((part) => {
    const { from, to, step } = /^(?<from>\*|\d+)(?:-(?<to>\d+))?(?:\/(?<step>\d+))?$/.exec(part)?.groups ?? {};
    if (from === undefined) return invalidSchedule();
    const first = from === '*' ? min : Number(from);
    const last = to !== undefined ? Number(to) : from === '*' || step !== undefined ? max : first;
    if (first < min || last > max || first > last || step === '0') return invalidSchedule();
    const every = Number(step ?? 1);
    return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) => first + index * every);
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

const withNumbers = (field: string, names: readonly string[]): string =>
  field.replace(/[A-Za-z]{3}/g, (name) => {
    const index = names.indexOf(name.toUpperCase());
    return index < 0 ? invalidSchedule() : String(index + 1);
  });

const membership = (numbers: readonly number[]) => {
  const set = new Set(numbers);
  return (number: number): boolean => set.has(number);
};

function invalidSchedule(): never {
  throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
}
