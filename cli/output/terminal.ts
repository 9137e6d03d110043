/** Tables and colours for a terminal; plain lines for a pipe or a file. */

import { styleText } from 'node:util';
import type { Risk } from '../../functions/contract/remediation.ts';
import { plain, plainCell } from '../../functions/domain/plain-text.ts';
import { asRun } from './as-run.ts';
import { displayWidth } from './display-width.ts';
import { wrapLine } from './wrap-line.ts';

type Style = Parameters<typeof styleText>[0];

export const IS_TERMINAL = process.stdout.isTTY === true;
export const USES_COLOURS = IS_TERMINAL && !process.env.NO_COLOR;

/** Returns the width of the terminal; for a file, a pipe or a terminal that reports 0 columns, a usual one. */
export const terminalWidth = (): number => process.stdout.columns || 100;

export const colour = (style: Style, text: string): string => (USES_COLOURS ? styleText(style, text) : text);

export const RISK_COLOURS: Readonly<Record<Risk, Style>> = { safe: 'green', disruptive: 'yellow', destructive: 'red' };

/** Returns one line for each problem. A member account may have written its beginning, so a formula is made harmless. */
export const problemLines = (problems: readonly string[]): string[] => plain(problems).map(plainCell);

/** Makes formulas harmless, because spreadsheets open such files too. */
export const tabSeparated = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map(plainCell).join('\t')).join('\n');

/** Wraps the last column, which takes the remaining width. */
export function table(
  headings: readonly string[],
  stored: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const rows = stored.map((row) => row.map(asRun));
  const widths = headings.map((heading, n) =>
    Math.max(displayWidth(heading), ...rows.map((row) => displayWidth(row[n]!))),
  );
  const indent = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const lastWidth = Math.max(30, width - indent);
  const line = (cells: readonly string[]) => {
    const [first, ...more] = wrapLine(cells.at(-1)!, lastWidth);
    const start = cells
      .slice(0, -1)
      .map((cell, n) => cell + ' '.repeat(widths[n]! + 2 - displayWidth(cell)))
      .join('');
    return [start + first, ...more.map((rest) => ' '.repeat(indent) + rest)].join('\n');
  };
  return [colour('bold', line(headings)), ...rows.map(line)].join('\n');
}
