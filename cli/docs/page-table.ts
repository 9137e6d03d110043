import { displayWidth } from '../output/display-width.ts';
import { wrapWords } from '../output/paragraphs.ts';
import { colour } from '../output/terminal.ts';

const GAP = 2;
/** A narrower last column is hard to read. */
const MIN_LAST = 36;

/**
 * Wraps the last column. If the terminal is too narrow for that, returns each row as a paragraph below its first cell.
 *
 * @param rows the headings, then the other rows
 */
export function pageTable(rows: readonly (readonly string[])[], width: number): string {
  const [headings = [], ...others] = rows;
  const widths = headings.map((_, n) => Math.max(...rows.map((row) => displayWidth(row[n] ?? ''))));
  const indent = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP, 0);
  const words = rows.flatMap((row) => (row.at(-1) ?? '').split(' ')).map(displayWidth);
  const minLastWidth = Math.max(Math.min(MIN_LAST, widths.at(-1) ?? 0), ...words);
  if (indent + minLastWidth > width) return others.map((row) => rowParagraph(headings, row, width)).join('\n\n');
  const isTall = indent + widths.at(-1)! > width;
  const lines = rows.map((row) => rowLines(row, widths, indent, width));
  const [head = '', ...rest] = lines;
  const between = isTall ? '\n\n' : '\n';
  return headings.every((each) => each === '')
    ? rest.join(between)
    : [colour('bold', head), ...rest].join(between).replace('\n\n', '\n');
}

function rowLines(row: readonly string[], widths: readonly number[], indent: number, width: number): string {
  const start = row
    .slice(0, -1)
    .map((cell, n) => cell + ' '.repeat(widths[n]! + GAP - displayWidth(cell)))
    .join('');
  const [first = '', ...more] = wrapWords(row.at(-1) ?? '', width - indent).split('\n');
  return [start + first, ...more.map((line) => ' '.repeat(indent) + line)].map((line) => line.trimEnd()).join('\n');
}

const INDENT = 2;

function rowParagraph(headings: readonly string[], row: readonly string[], width: number): string {
  const [first = '', ...cells] = row;
  const facts = cells.flatMap((cell, n) => {
    const heading = headings[n + 1] ?? '';
    if (cell === '') return [];
    const text = heading === '' || cells.length === 1 ? cell : `${heading}: ${cell}`;
    return wrapWords(text, width - 2 * INDENT)
      .split('\n')
      .map((line, n) => ' '.repeat(n === 0 ? INDENT : 2 * INDENT) + line);
  });
  return [colour('bold', wrapWords(first, width)), ...facts].join('\n');
}
