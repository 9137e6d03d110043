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

const GAP = '  ';
const INDENT = '  ';

/** @param stored the rows: cells without colours or line breaks */
export function fittedTable(
  columns: readonly TableColumn[],
  stored: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const rows = stored.map((row) => row.map(asRun));
  const headings = columns.map(({ heading }) => heading);
  const placed = columns.map((column, at) => ({
    column,
    at,
    width: Math.max(...[headings, ...rows].map((row) => displayWidth(row[at]!))),
  }));
  const shown = fittingColumns(placed, width);
  const below = placed.filter(({ column, at }) => column.below && !shown.some((each) => each.at === at));
  const lines = (cells: readonly string[], paint: Paint) => [
    ...rowLines(shown, cells, paint),
    ...below.map((each) => INDENT + cutCell({ ...each, width: width - INDENT.length }, cells)),
  ];
  return [
    ...lines(headings, (_, text) => text).map((each) => colour('bold', each)),
    ...rows.flatMap((row) => lines(row, ({ column, at }, text) => column.paint?.(text, row[at]!) ?? text)),
  ].join('\n');
}

/** A column with its place in each row, and the width of its cells. */
type PlacedColumn = { readonly column: TableColumn; readonly at: number; readonly width: number };

type Paint = (placed: PlacedColumn, text: string) => string;

const cutCell = ({ column, at, width }: PlacedColumn, cells: readonly string[]): string =>
  cutText(cells[at]!, width, column.cut?.side ?? 'end');

/** Returns one line, or more if the last cell is wrapped. */
function rowLines(shown: readonly PlacedColumn[], cells: readonly string[], paint: Paint): string[] {
  const last = shown.at(-1)!;
  const others = shown.slice(0, -1);
  const padded = others.map((placed) => {
    const text = cutCell(placed, cells);
    return paint(placed, text) + ' '.repeat(placed.width - displayWidth(text));
  });
  const isWrapped = last.column.wraps !== undefined;
  const [first = '', ...more] = isWrapped ? wrapLine(cells[last.at]!, last.width) : [cutCell(last, cells)];
  const indent = others.map((placed) => ' '.repeat(placed.width) + GAP).join('');
  return [[...padded, paint(last, first)].join(GAP), ...more.map((rest) => indent + paint(last, rest))];
}

/** Cuts the widest cells first. Leaves out one column after the other while even the narrowest cells are too wide. */
function fittingColumns(columns: readonly PlacedColumn[], width: number): readonly PlacedColumn[] {
  let shown = columns;
  for (;;) {
    const narrowed = narrowedColumns(shown, width);
    const firstDropped = Math.max(...shown.map(({ column }) => column.dropped ?? 0));
    if (lineWidth(narrowed) <= width || firstDropped === 0) return narrowed;
    shown = shown.filter(({ column }) => column.dropped !== firstDropped);
  }
}

/** Returns the columns with widths that fit, or with their least widths if these are too wide too. */
function narrowedColumns(columns: readonly PlacedColumn[], width: number): readonly PlacedColumn[] {
  let narrowed = columns;
  while (lineWidth(narrowed) > width) {
    const cuttable = narrowed.filter((each) => each.width > leastWidth(each.column));
    if (cuttable.length === 0) break;
    const widest = cuttable.reduce((one, other) => (other.width > one.width ? other : one));
    narrowed = narrowed.map((each) => (each === widest ? { ...each, width: each.width - 1 } : each));
  }
  return narrowed;
}

const lineWidth = (columns: readonly PlacedColumn[]): number =>
  columns.reduce((sum, { width }) => sum + width, GAP.length * (columns.length - 1));

function leastWidth({ heading, cut, wraps }: TableColumn): number {
  const least = cut?.min ?? wraps;
  return least === undefined ? Number.POSITIVE_INFINITY : Math.max(least, displayWidth(heading));
}
