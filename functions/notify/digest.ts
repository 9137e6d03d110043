/** The daily digest: counts by ending, failures by place, and what waits for a person. Pure. */
import { percentile, sumOf } from '../domain/durations.ts';
import type { Ending } from '../domain/ledger.ts';
import { plainMessage } from '../domain/plain-text.ts';
import type { HiddenCounts } from '../ports/hidden-findings.ts';
import type { DayStatistics } from '../ports/ledger-queries.ts';
import { type Announcement, joinLines } from './messages.ts';

export type CurrentCounts = {
  readonly failed: number;
  readonly waiting: number;
  readonly oldestFailed?: string;
  readonly oldestWaiting?: string;
  /** Units that policy names and the organization no longer has. */
  readonly goneUnits: readonly string[];
  /** By account: failing findings that somebody else has set aside. */
  readonly hidden?: HiddenCounts;
};

const MAX_PLACES = 10;
const ORDER = [
  'FIXED',
  'COMPLIANT',
  'REFUSED',
  'NOTIFIED',
  'PLANNED',
  'ARCHIVED',
  'ROLLED_BACK',
  'IGNORED',
  'REJECTED',
  'DUPLICATE',
  'FAILED',
] as const satisfies readonly Ending[];

/** Returns undefined if nothing happened on the day and nothing waits. */
export function dailyDigest(
  day: string,
  statistics: readonly DayStatistics[],
  current: CurrentCounts,
): Announcement | undefined {
  const total = (ending: Ending) => statistics.reduce((sum, { endings }) => sum + (endings[ending] ?? 0), 0);
  const counts = ORDER.map((ending) => [ending, total(ending)] as const).filter(([, count]) => count > 0);
  const hidden = hiddenLines(current.hidden ?? {});
  const lengths = [counts.length, current.failed, current.waiting, current.goneUnits.length, hidden.length];
  if (lengths.every((count) => count === 0)) return undefined;
  const durations = sumOf(statistics.map((each) => each.durations));
  const [half, most] = [percentile(durations, 0.5), percentile(durations, 0.95)];
  return {
    subject: `Suture on ${day}: ${total('FIXED')} fixed, ${total('FAILED')} failed, ${current.waiting} waiting`,
    text: joinLines(
      ...counts.map(([ending, count]) => `${String(count).padStart(6)} ${ending}`),
      ...(half === undefined
        ? []
        : ['', `From finding to verified fix: p50 ${durationText(half)}, p95 ${durationText(most!)}`]),
      ...failureLines(statistics),
      ...goneUnitLines(current.goneUnits),
      '',
      `${current.failed} failed and not yet replayed${sinceText(current.oldestFailed)}: suture list --status failed`,
      `${current.waiting} waiting${sinceText(current.oldestWaiting)}, for approval, a window or an owner: suture list --status waiting`,
      ...hidden,
    ),
  };
}

function failureLines(statistics: readonly DayStatistics[]): string[] {
  const places = statistics
    .flatMap(({ account, control, endings }) => (endings.FAILED ? [{ account, control, count: endings.FAILED }] : []))
    .sort((a, b) => b.count - a.count);
  if (places.length === 0) return [];
  const named = places
    .slice(0, MAX_PLACES)
    .map(
      ({ account, control, count }) =>
        `${String(count).padStart(6)} ${plainMessage(control)} in ${plainMessage(account)}`,
    );
  const more = places.length - named.length;
  return ['', 'Failed:', ...named, ...(more > 0 ? [`       and in ${more} more places`] : [])];
}

const goneUnitLines = (units: readonly string[]): string[] =>
  units.length === 0
    ? []
    : [
        '',
        'Policy names organizational units that are gone. For accounts that no other rule names, the strictest mode of the control counts:',
        ...units.map((unit) => `       ${plainMessage(unit)}`),
        'Correct the file, then: suture policy push policy.yaml',
      ];

function hiddenLines(counts: HiddenCounts): string[] {
  const accounts = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (accounts.length === 0) return [];
  const total = accounts.reduce((sum, [, count]) => sum + count, 0);
  const named = accounts
    .slice(0, MAX_PLACES)
    .map(([account, count]) => `${String(count).padStart(6)} in ${plainMessage(account)}`);
  const more = accounts.length - named.length;
  return [
    '',
    `${total} failing findings that somebody else has suppressed, resolved or marked as notified:`,
    ...named,
    ...(more > 0 ? [`       and in ${more} more accounts`] : []),
  ];
}

const sinceText = (oldest: string | undefined) => (oldest ? `, the oldest since ${oldest}` : '');

const durationText = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
};
