/** Prints a list in the format that the person chose. */
import { isShellWord, plainCell, plainText } from '../../functions/domain/plain-text.ts';
import type { CommandOption } from '../command.ts';
import { displayWidth } from './display-width.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { colour, IS_TERMINAL, table, tabSeparated, terminalWidth } from './terminal.ts';

export const OUTPUT_FORMATS = ['wide', 'json', 'jsonl', 'csv', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export type OutputOptions = {
  readonly output?: OutputFormat;
  readonly json?: boolean;
  /** Takes lines that are not part of the list. */
  readonly show?: (text: string) => void;
  readonly isTerminal?: boolean;
  readonly width?: number;
};

export type Listing<T> = {
  /** The table of a terminal. */
  readonly columns: readonly (TableColumn & { readonly value: (item: T) => string })[];
  /** Whole values, for `wide` and `csv`, by heading. */
  readonly fields: Readonly<Record<string, (item: T) => string | undefined>>;
  /** The values of a tab-separated line, the form for a pipe or a file. */
  readonly line: (item: T) => readonly string[];
  /** The name that other commands take. A member account may have chosen it. */
  readonly name: (item: T) => string;
  readonly nothing: string;
  /** The command for the next page, if there is one. JSON prints it on standard error. */
  readonly more?: string;
  /** Lines below the table. */
  readonly footer?: readonly string[];
};

export const OUTPUT_OPTION: CommandOption = {
  flags: '-o, --output <format>',
  text: 'wide (nothing is cut; in a narrow terminal a line for each value), json (exact), jsonl (one line each), csv, or name (for other commands)',
  choices: OUTPUT_FORMATS,
};

export const OUTPUT_NOTES =
  'On a terminal a table that fits it, otherwise tab-separated lines. With -o csv, no cell is a formula.';

/** Returns true for formats of programs, which have ids instead of names. */
export const isExact = ({ json, output }: OutputOptions): boolean =>
  json === true || output === 'json' || output === 'jsonl';

/** @param items exact, for JSON. The other forms make them harmless, as `plain` does. */
export function listText<T>(items: readonly T[], listing: Listing<T>, options: OutputOptions): string {
  const { json, output = json ? 'json' : undefined, isTerminal = IS_TERMINAL, show = () => {} } = options;
  const more = listing.more === undefined ? [] : [listing.more];
  if (output === 'json' || output === 'jsonl') for (const line of more) show(line);
  if (output === 'json') return JSON.stringify(items, null, 2);
  if (output === 'jsonl') return items.map((item) => JSON.stringify(item)).join('\n');
  if (output === 'name') return nameText(items.map(listing.name), listing, show);
  const around = [...(items.length === 0 ? [listing.nothing] : []), ...more, ...(listing.footer ?? [])];
  const text = linesOf(items, listing, output, isTerminal, options.width);
  if (isTerminal && output !== 'csv')
    return [
      ...(items.length === 0 ? [] : [text]),
      ...(items.length > 0 && around.length > 0 ? [''] : []),
      ...around,
    ].join('\n');
  for (const line of around) show(line);
  return text;
}

function linesOf<T>(
  items: readonly T[],
  { columns, fields, line }: Listing<T>,
  output: 'wide' | 'csv' | undefined,
  isTerminal: boolean,
  width?: number,
): string {
  const whole = items.map((item) => Object.values(fields).map((value) => plainValue(value(item) ?? '')));
  if (output === 'csv') return csvText([Object.keys(fields), ...whole]);
  if (output === 'wide')
    return items.length === 0
      ? ''
      : wideText(Object.keys(fields), whole.map(dashed), isTerminal ? width : Number.POSITIVE_INFINITY);
  if (!isTerminal) return tabSeparated(items.map((item) => line(item).map(plainValue)));
  return fittedTable(
    columns,
    items.map((item) => columns.map(({ value }) => plainValue(value(item)))),
    width,
  );
}

/** Returns a table of whole cells, or a block of lines for each row if a terminal is too narrow for the table. */
function wideText(headings: readonly string[], rows: readonly (readonly string[])[], width = terminalWidth()): string {
  const text = table(headings, rows, Number.POSITIVE_INFINITY);
  if (text.split('\n').every((line) => displayWidth(line) <= width)) return text;
  const nameWidth = Math.max(...headings.map((heading) => heading.length));
  return rows
    .map((row) => row.map((cell, n) => `${colour('bold', headings[n]!.padEnd(nameWidth))}  ${cell}`).join('\n'))
    .join('\n\n');
}

/** Cleans cells instead of items, because a cell may have further texts, such as the name of an account. */
const MAX_CELL = 200_000;
const plainValue = (text: string): string => plainText(text, MAX_CELL);

/** Returns names for `xargs` and `$(…)`. Leaves out names that a shell would split, or take for options. */
function nameText<T>(
  names: readonly string[],
  { nothing, more, footer = [] }: Listing<T>,
  show: (text: string) => void,
): string {
  const words = names.filter(isShellWord);
  const left = names.length - words.length;
  if (left > 0) show(`${left} of them have a name that a shell does not take as one word: -o json has it.`);
  const around = [...(names.length === 0 ? [nothing] : []), ...(more === undefined ? [] : [more]), ...footer];
  for (const line of around) show(line);
  return words.join('\n');
}

const dashed = (cells: readonly string[]): string[] => cells.map((cell) => cell || '-');

/** Returns lines in which no cell is a formula. https://www.rfc-editor.org/rfc/rfc4180 */
export const csvText = (lines: readonly (readonly string[])[]): string => lines.map(csvLine).join('\n');

const csvLine = (cells: readonly string[]): string =>
  cells
    .map(plainCell)
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');

/** Returns `-` for nothing. */
export const orDash = (text: string | undefined | null): string => text || '-';

export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
