/** Figures of the benchmark, and the table that shows them beside their limits. */
import { colour, table } from '../../cli/output/terminal.ts';

export type Figure = {
  /** Unique; the name in `--json`. */
  readonly name: string;
  readonly value: number;
  /** Shown after the value: ` s`, ` ms`, empty for a count. */
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** The share by which the figure may get worse before a comparison reports it; 0 for counts. */
  readonly tolerance: number;
  /** The maximum that the design allows. */
  readonly limit?: number;
};
export type Row = {
  readonly label: string;
  readonly figures: readonly Figure[];
  /** The value to compare the row with. */
  readonly note?: string;
};
export type Section = {
  readonly title: string;
  /** Names the figures of each row, in their order. */
  readonly columns: string;
  readonly rows: readonly Row[];
  readonly note?: string;
};

/** Tolerances: of a busy machine, of a single interruption, and of other versions of packages. */
const BUSY = 0.5;
const INTERRUPTED = 4;
const SLIGHT = 0.03;
/** Costs include processor time, which varies. */
const COST_TOLERANCE = 0.2;

type FigureOptions = { readonly limit?: number };

/** Returns a figure that is the same in each run of the same code. */
export const countFigure = (
  name: string,
  value: number,
  { limit, unit = '' }: FigureOptions & { readonly unit?: string } = {},
): Figure => ({ name, value, unit, better: 'lower', tolerance: 0, ...(limit !== undefined && { limit }) });

/** Returns the figure of a size or a virtual time, which hardly varies. */
export const stableFigure = (name: string, value: number, unit: string, { limit }: FigureOptions = {}): Figure => ({
  ...countFigure(name, value, { limit, unit }),
  tolerance: SLIGHT,
});

/** Returns the figure of a cost in dollars. */
export const costFigure = (name: string, value: number): Figure => ({
  ...countFigure(name, value, { unit: '$' }),
  tolerance: COST_TOLERANCE,
});

/** Returns the figure of a time, which varies with the load of the machine. */
export const timeFigure = (name: string, value: number, unit: string, { limit }: FigureOptions = {}): Figure => ({
  ...countFigure(name, value, { limit, unit }),
  tolerance: BUSY,
});

/** Returns the figure of a high percentile of times, which any interruption raises. */
export const peakTimeFigure = (name: string, value: number, unit: string, { limit }: FigureOptions = {}): Figure => ({
  ...timeFigure(name, value, unit, { limit }),
  tolerance: INTERRUPTED,
});

/** Returns the figure of a rate, for which higher is better. */
export const rateFigure = (name: string, value: number, unit: string): Figure => ({
  ...timeFigure(name, value, unit),
  better: 'higher',
});

/** Returns one table of all sections, each below its title. */
export function figuresTable(sections: readonly Section[]): string {
  const marked = sections.map((section, n) => ({ ...section, mark: `§${n}§` }));
  const rows = marked.flatMap(({ mark, rows }) => [
    [mark, '', '', ''],
    ...rows.map(({ label, figures, note = '' }) => [`  ${label}`, valuesOf(figures), limitsOf(figures), note]),
  ]);
  // Titles replace marks afterwards, because a title is wider than its column.
  return marked.reduce(
    (text, { mark, title, columns, note }) =>
      text.replace(new RegExp(`^${mark} *$`, 'm'), `\n${colour('bold', title)}: ${columns}${note ? ` (${note})` : ''}`),
    table(['', 'measured', 'at most', 'note'], rows),
  );
}

const valuesOf = (figures: readonly Figure[]): string =>
  figures
    .map((figure) => (isOverLimit(figure) ? colour('red', `${figureText(figure)} (over)`) : figureText(figure)))
    .join(' / ');

const limitsOf = (figures: readonly Figure[]): string =>
  figures.every(({ limit }) => limit === undefined)
    ? ''
    : figures.map(({ limit }) => (limit === undefined ? '-' : numberText(limit))).join(' / ');

export const isOverLimit = ({ value, limit }: Figure): boolean => limit !== undefined && value > limit;

export const figureText = ({ value, unit }: Figure): string =>
  unit.startsWith('$') ? `$${numberText(value)}` : numberText(value) + unit;

/** Shows integers and large numbers in full, others with three significant digits. */
const numberText = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));

/** Values by the figure's name, as `--json` prints them. */
export type FigureValues = Readonly<Record<string, number>>;

/** Prefix of the figures of `--scale`. */
export const SCALE_PREFIX = 'scale.';

/** @throws RangeError if two figures have the same name */
export function figureValues(sections: readonly Section[]): FigureValues {
  const figures = sections.flatMap(({ rows }) => rows.flatMap((row) => row.figures));
  const values = Object.fromEntries(figures.map(({ name, value }) => [name, value]));
  if (Object.keys(values).length === figures.length) return values;
  throw new RangeError('Two figures have the same name.');
}
