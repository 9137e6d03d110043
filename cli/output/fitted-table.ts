/** A table whose lines fit the terminal: it cuts long cells, then leaves columns out. */
import { asRun } from './as-run.ts';
import { cutText, displayWidth } from './display-width.ts';
import { colour, terminalWidth } from './terminal.ts';
import { wrapLine } from './wrap-line.ts';

export type TableColumn = {
  readonly heading: string;
  /** The side at which a long cell may be cut, and the width that it keeps. Absent: cells are whole. */
  readonly cut?: { readonly side: 'start' | 'end'; readonly min: number };
  /** The least width of the last column, whose long cells are wrapped. */
  readonly wraps?: number;
  /** In a narrow terminal, columns with a higher number are left out first. Absent: the column always stays. */
  readonly dropped?: number;
  /** If the column is left out, its cell is a line of its own below the others. */
  readonly below?: true;
  /** Colours a cell, given its whole text. */
  readonly paint?: (shown: string, whole: string) => string;
};

const GAP = 2;
const INDENT = '  ';

/** @param stored the rows: cells without colours or line breaks */
export function fittedTable(
  columns: readonly TableColumn[],
  stored: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const rows = stored.map((row) => row.map(asRun));
  const natural = columns.map(({ heading }, n) =>
    Math.max(displayWidth(heading), ...rows.map((row) => displayWidth(row[n]!))),
  );
  const shown = fittingColumns(columns, natural, width);
  const last = shown.at(-1)!;
  const indent = ' '.repeat(shown.slice(0, -1).reduce((sum, { width }) => sum + width + GAP, 0));
  const line = (cells: readonly string[], paint: (n: number, text: string) => string) => {
    if (columns[last.n]!.wraps === undefined) return rowOf(cells, paint);
    const [first = '', ...more] = wrapLine(cells[last.n]!, last.width);
    return [rowOf(cells.with(last.n, first), paint), ...more.map((rest) => indent + paint(last.n, rest))].join('\n');
  };
  const rowOf = (cells: readonly string[], paint: (n: number, text: string) => string) =>
    shown
      .map(({ n, width }, position) => {
        const text = cutText(cells[n]!, width, columns[n]!.cut?.side ?? 'end');
        const padding = position === shown.length - 1 ? 0 : width - displayWidth(text);
        return paint(n, text) + ' '.repeat(padding);
      })
      .join(' '.repeat(GAP));
  const below = columns.filter((column, n) => column.below && !shown.some((each) => each.n === n));
  const lines = (cells: readonly string[], paint: (n: number, text: string) => string) => [
    line(cells, paint),
    ...below.map(
      (column) => INDENT + cutText(cells[columns.indexOf(column)]!, width - INDENT.length, column.cut?.side ?? 'end'),
    ),
  ];
  const headings = columns.map(({ heading }) => heading);
  return [
    ...lines(headings, (_, text) => text).map((each) => colour('bold', each)),
    ...rows.flatMap((row) => lines(row, (n, text) => columns[n]!.paint?.(text, row[n]!) ?? text)),
  ].join('\n');
}

type ShownColumn = { readonly n: number; readonly width: number };

/** Cuts the widest cells first. Leaves out one column after the other while even the narrowest cells are too wide. */
function fittingColumns(columns: readonly TableColumn[], natural: readonly number[], width: number): ShownColumn[] {
  let shown = columns.map((_, n) => n);
  for (;;) {
    const widths = shown.map((n) => natural[n]!);
    const least = shown.map((n) => Math.min(natural[n]!, leastWidth(columns[n]!)));
    const excess = () => widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
    while (excess() > 0) {
      const spare = widths.map((each, at) => (each > least[at]! ? each : 0));
      const widest = spare.indexOf(Math.max(...spare));
      if (spare[widest] === 0) break;
      widths[widest]!--;
    }
    const last = shown.reduce((drop, n) => Math.max(drop, columns[n]!.dropped ?? 0), 0);
    if (excess() <= 0 || last === 0) return shown.map((n, at) => ({ n, width: widths[at]! }));
    shown = shown.filter((n) => columns[n]!.dropped !== last);
  }
}

function leastWidth({ heading, cut, wraps }: TableColumn): number {
  const least = cut?.min ?? wraps;
  return least === undefined ? Number.POSITIVE_INFINITY : Math.max(least, displayWidth(heading));
}
