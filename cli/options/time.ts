import { UsageError } from '../errors/usage-error.ts';

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Returns ISO 8601. `text` is a duration ago (`90m`, `2h`, `7d`), a day or a time.
 * @throws UsageError naming `option`
 */
export function parseTime(text: string, now: number, option: string): string {
  const ago = /^(?<count>\d{1,5})(?<unit>[mhd])$/.exec(text)?.groups;
  if (ago) return new Date(now - Number(ago.count) * UNITS_MS[ago.unit!]!).toISOString();
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new UsageError(`${option} takes 90m, 2h, 7d, a day (2026-11-22) or a time (2026-11-22T03:00Z), not "${text}".`);
}
