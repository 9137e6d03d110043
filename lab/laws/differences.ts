/** The differences of two states, one line each: `publicRules[2].from: 22 → absent`. */
import { canonical, isEqual } from '../../functions/contract/is-equal.ts';

/** More lines than this are cut off: they would hide what matters. */
const MAX_LINES = 12;

/** Returns a line for each member that differs, named by its path. The order of a list does not count. */
export function differences(from: unknown, to: unknown): string[] {
  const lines = linesOf(plain(from), plain(to), '');
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `and ${more} more`] : lines;
}

function linesOf(from: unknown, to: unknown, path: string): string[] {
  if (isEqual(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to)) return listLines(from, to, path);
  if (!isRecord(from) || !isRecord(to)) return [`${path || 'the state'}: ${shorten(from)} → ${shorten(to)}`];
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys].flatMap((key) => linesOf(from[key], to[key], path ? `${path}.${key}` : key));
}

/** Elements of a list have no names, so a changed element shows as one removed and one added. */
function listLines(from: readonly unknown[], to: readonly unknown[], path: string): string[] {
  const removed = without(from, to).map((element) => `${path}[]: ${shorten(element)} → absent`);
  const added = without(to, from).map((element) => `${path}[]: absent → ${shorten(element)}`);
  return [...removed, ...added];
}

/** Removes from `list` each element of `other` once. */
function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const rest = other.map(canonical);
  return list.filter((element) => {
    const at = rest.indexOf(canonical(element));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps and sets as records and lists, which is how they are compared and printed. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [String(key), plain(member)]));
  if (value instanceof Set) return [...value].map(plain);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  return value;
}

function shorten(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`;
}
