/** The difference between two JSON values, line by line, as people read it in reviews. */

export type DiffLine = { readonly kind: 'same' | 'before' | 'after' | 'gap'; readonly text: string };

/** Equal lines that are shown beside a difference. */
const CONTEXT = 2;
/** Larger values are not compared: all lines of the one are removed, and all of the other are new. */
const MAX_CELLS = 4_000_000;

/** Returns nothing if the values are equal. Members of objects are compared in the order of their names. */
export function jsonDiff(before: unknown, after: unknown): DiffLine[] {
  const lines = lineDiff(jsonLines(before), jsonLines(after));
  return lines.every(({ kind }) => kind === 'same') ? [] : withoutFarLines(lines);
}

/** An object without members has its braces on two lines, so that a member that is set or removed is a single line. */
const jsonLines = (value: unknown): string[] => {
  if (value === undefined) return [];
  const text = indentedJson(sorted(value), '', false);
  return text === '{}' ? ['{', '}'] : text.split('\n');
};

/** A comma only says that another element follows. */
const withoutComma = (line: string | undefined): string | undefined => line?.replace(/,$/, '');
const isSameLine = (one: string | undefined, other: string | undefined): boolean =>
  withoutComma(one) === withoutComma(other);

/** A longer element of a list has a line for each member. */
const MAX_ELEMENT = 100;

/** Returns indented JSON in which an element of a list, such as a rule, is one line: a difference shows it whole. */
function indentedJson(value: unknown, indent: string, isElement: boolean): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  const members = entries.map(([name, member]) => {
    const text = indentedJson(member, `${indent}  `, isList);
    return isList ? text : `${JSON.stringify(name)}: ${text}`;
  });
  const line = `${open} ${members.join(', ')} ${close}`;
  if (isElement && !isList && !line.includes('\n') && line.length <= MAX_ELEMENT) return line;
  return `${open}\n${members.map((member) => `${indent}  ${member}`).join(',\n')}\n${indent}${close}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Finds the longest common subsequence, from the end, so that an element removed from a list is whole. */
function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const [one, other] = [before.toReversed(), after.toReversed()];
  const lengths = commonLengths(one.map(withoutComma), other.map(withoutComma));
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && isSameLine(one[i], other[j])) {
      lines.push({ kind: 'same', text: other[j]! });
      i++;
      j++;
    } else if (i >= one.length || (j < other.length && (lengths[i]?.[j + 1] ?? 0) >= (lengths[i + 1]?.[j] ?? 0)))
      lines.push({ kind: 'after', text: other[j++]! });
    else lines.push({ kind: 'before', text: one[i++]! });
  }
  return lines.reverse();
}

/** Returns, at `[i][j]`, the number of lines that both have in common from i and from j on. */
function commonLengths(before: readonly unknown[], after: readonly unknown[]): number[][] {
  if (before.length * after.length > MAX_CELLS) return [];
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i]![j] =
        before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}

/** Each run of equal lines that are far from a difference becomes one line, which counts them. */
function withoutFarLines(lines: readonly DiffLine[]): DiffLine[] {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ kind }) => kind !== 'same');
  const shown: DiffLine[] = [];
  let start = 0;
  while (start < lines.length) {
    let end = start + 1;
    while (end < lines.length && isNear(end) === isNear(start)) end++;
    const run = lines.slice(start, end);
    const isWhole = isNear(start) || run.length === 1;
    shown.push(...(isWhole ? run : [{ kind: 'gap', text: `… ${run.length} equal lines` } as const]));
    start = end;
  }
  return shown;
}
