/** Tables and colours for a terminal; plain lines where there is none. */
import { styleText } from 'node:util';

const onTerminal = process.stdout.isTTY === true && !process.env.NO_COLOR;

export const colour = (style: Parameters<typeof styleText>[0], text: string): string =>
  onTerminal ? styleText(style, text) : text;

/** Rows in columns; the last column takes what is left of the width and wraps. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width = process.stdout.columns ?? 120,
): string {
  const widths = headings.map((heading, n) => Math.max(heading.length, ...rows.map((row) => row[n]!.length)));
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const last = Math.max(30, width - before);
  const line = (cells: readonly string[]) => {
    const [first, ...more] = wrapped(cells.at(-1)!, last);
    const start = cells
      .slice(0, -1)
      .map((cell, n) => cell.padEnd(widths[n]! + 2))
      .join('');
    return [start + first, ...more.map((rest) => ' '.repeat(before) + rest)].join('\n');
  };
  return [colour('bold', line(headings)), ...rows.map(line)].join('\n');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1) !== '' && lines.at(-1)!.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
  }
  return lines;
}
