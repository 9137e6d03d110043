const DAY_MS = 86_400_000;

/** Returns a day in UTC, such as `2026-11-22`: the one of `at`, or the one `days` later. */
export const utcDay = (at: number, days = 0): string => new Date(at + days * DAY_MS).toISOString().slice(0, 10);

/** Returns each day from the first to the last. Both are ISO 8601. */
export function daysBetween(from: string, to: string): string[] {
  const [first, last] = [Date.parse(from.slice(0, 10)), Date.parse(to.slice(0, 10))];
  return Array.from({ length: Math.round((last - first) / DAY_MS) + 1 }, (_, n) => utcDay(first, n));
}
