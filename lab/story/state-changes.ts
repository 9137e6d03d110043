/** The change of a state as lines that begin with `-`, `+` or, for what stays, a blank. */
import { isEqual } from '../../functions/contract/is-equal.ts';

export function stateChanges(before: unknown, after: unknown): string[] {
  if (isEqual(before, after)) return linesOf(before).map((line) => `  ${line}`);
  if (Array.isArray(before) && Array.isArray(after))
    return [
      ...before.map((each) => `${isIn(after, each) ? ' ' : '-'} ${JSON.stringify(each)}`),
      ...after.filter((each) => !isIn(before, each)).map((each) => `+ ${JSON.stringify(each)}`),
    ];
  if (!isRecord(before) || !isRecord(after))
    return [...linesOf(before).map((line) => `- ${line}`), ...linesOf(after).map((line) => `+ ${line}`)];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => memberChanges(key, before[key], after[key]));
}

function memberChanges(key: string, before: unknown, after: unknown): string[] {
  if (Array.isArray(before) && Array.isArray(after))
    return [`  ${key}:`, ...stateChanges(before, after).map((line) => `${line[0]}   ${line.slice(2)}`)];
  return stateChanges(before, after).map((line) => `${line[0]} ${key}: ${line.slice(2)}`);
}

const linesOf = (value: unknown): string[] => (value === undefined ? [] : [JSON.stringify(value)]);
const isIn = (list: readonly unknown[], value: unknown): boolean => list.some((each) => isEqual(each, value));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
