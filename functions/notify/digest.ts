/** The message of a day: how much ended how, where it failed, and what waits for somebody now. Pure. */

import { percentile, sumOf } from '../domain/durations.ts';
import type { Ending } from '../domain/ledger.ts';
import type { DayStatistics } from '../ledger/ledger-queries.ts';
import { type Announcement, lines } from './messages.ts';

export type Now = {
  readonly failed: number;
  readonly waiting: number;
  /** ISO 8601; since when the longest-waiting one does. */
  readonly oldestFailed?: string;
  readonly oldestWaiting?: string;
};

/** Places that are named where something failed. */
const MOST_PLACES = 10;
const ORDER = [
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'PLANNED',
  'ARCHIVED',
  'ROLLED_BACK',
  'IGNORED',
  'REJECTED',
  'DUPLICATE',
  'FAILED',
] as const satisfies readonly Ending[];

/** Undefined after a day on which nothing happened, when nothing waits. */
export function daily(day: string, statistics: readonly DayStatistics[], now: Now): Announcement | undefined {
  const total = (ending: Ending) => statistics.reduce((sum, { endings }) => sum + (endings[ending] ?? 0), 0);
  const counts = ORDER.map((ending) => [ending, total(ending)] as const).filter(([, count]) => count > 0);
  if (counts.length === 0 && now.failed === 0 && now.waiting === 0) return undefined;
  const durations = sumOf(statistics.map((each) => each.durations));
  const [half, most] = [percentile(durations, 0.5), percentile(durations, 0.95)];
  return {
    subject: `Suture on ${day}: ${total('FIXED')} fixed, ${total('FAILED')} failed, ${now.waiting} waiting`,
    text: lines(
      ...counts.map(([ending, count]) => `${String(count).padStart(6)} ${ending}`),
      ...(half === undefined ? [] : ['', `From finding to verified fix: p50 ${seconds(half)}, p95 ${seconds(most!)}`]),
      ...failures(statistics),
      '',
      `${now.failed} failed and not dealt with${since(now.oldestFailed)}: npm run -s suture -- list --status failed`,
      `${now.waiting} waiting${since(now.oldestWaiting)}: npm run -s suture -- approvals`,
    ),
  };
}

function failures(statistics: readonly DayStatistics[]): string[] {
  const places = statistics
    .flatMap(({ account, control, endings }) => (endings.FAILED ? [{ account, control, count: endings.FAILED }] : []))
    .sort((a, b) => b.count - a.count);
  if (places.length === 0) return [];
  const named = places
    .slice(0, MOST_PLACES)
    .map(({ account, control, count }) => `${String(count).padStart(6)} ${control} in ${account}`);
  const more = places.length - named.length;
  return ['', 'Failed:', ...named, ...(more > 0 ? [`       and in ${more} more places`] : [])];
}

const since = (oldest: string | undefined) => (oldest ? `, the oldest since ${oldest}` : '');

const seconds = (value: number): string => {
  if (value < 120) return `${Math.round(value)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${Math.round(value / 3600)} h`;
};
