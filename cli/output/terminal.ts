/** Tables and colours for a terminal; plain lines where there is none. */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Risk } from '../../functions/contract/remediation.ts';

type Style = Parameters<typeof styleText>[0];

/** Where standard output goes to a program or a file, commands print bare text. */
export const onTerminal = process.stdout.isTTY === true;
const colours = onTerminal && !process.env.NO_COLOR;

export const colour = (style: Style, text: string): string => (colours ? styleText(style, text) : text);

export const SHADE_OF_RISK: Readonly<Record<Risk, Style>> = { safe: 'green', disruptive: 'yellow', destructive: 'red' };

/** One line a row, for programs. */
export const tabSeparated = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.join('\t')).join('\n');

/** Rows in columns; the last column takes what is left of the width and wraps. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width = process.stdout.columns ?? 120,
): string {
  const widths = headings.map((heading, n) => Math.max(shown(heading), ...rows.map((row) => shown(row[n]!))));
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const last = Math.max(30, width - before);
  const line = (cells: readonly string[]) => {
    const [first, ...more] = wrapped(cells.at(-1)!, last);
    const start = cells
      .slice(0, -1)
      .map((cell, n) => cell + ' '.repeat(widths[n]! + 2 - shown(cell)))
      .join('');
    return [start + first, ...more.map((rest) => ' '.repeat(before) + rest)].join('\n');
  };
  return [colour('bold', line(headings)), ...rows.map(line)].join('\n');
}

/** Characters that a cell takes on the screen: colours take none. */
const shown = (cell: string) => stripVTControlCharacters(cell).length;

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1) !== '' && lines.at(-1)!.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
  }
  return lines;
}
