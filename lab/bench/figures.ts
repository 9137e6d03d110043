import { colour, table } from '../../cli/output/terminal.ts';

export type Figure = {
  /** Unique; the name in `--json`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** A comparison reports a figure that got worse by more than this share; 0 for counts. */
  readonly tolerance: number;
  readonly limit?: number;
};
export type Row = {
  readonly label: string;
  readonly figures: readonly Figure[];
  readonly note?: string;
};
export type Section = {
  readonly title: string;
  readonly columns: string;
  readonly rows: readonly Row[];
  readonly note?: string;
};

/** Tolerances for a busy machine, for a single interruption, and for other package versions. */
const BUSY_TOLERANCE = 0.5;
const INTERRUPTION_TOLERANCE = 4;
const PACKAGE_TOLERANCE = 0.03;
/** Costs include processor time, which varies. */
const COST_TOLERANCE = 0.2;

type FigureOptions = { readonly limit?: number };

/** Returns a count, which is equal in each run of the same code. */
export const countFigure = (
  name: string,
  value: number,
  { limit, unit = '' }: FigureOptions & { readonly unit?: string } = {},
): Figure => ({ name, value, unit, better: 'lower', tolerance: 0, ...(limit !== undefined && { limit }) });

/** Returns a size or a virtual time, which hardly varies. */
export const stableFigure = (name: string, value: number, unit: string, { limit }: FigureOptions = {}): Figure => ({
  ...countFigure(name, value, { limit, unit }),
  tolerance: PACKAGE_TOLERANCE,
});

export const costFigure = (name: string, value: number): Figure => ({
  ...countFigure(name, value, { unit: '$' }),
  tolerance: COST_TOLERANCE,
});

export const timeFigure = (name: string, value: number, unit: string, { limit }: FigureOptions = {}): Figure => ({
  ...countFigure(name, value, { limit, unit }),
  tolerance: BUSY_TOLERANCE,
});

/** Returns a high percentile of times, which any interruption raises. */
export const peakTimeFigure = (name: string, value: number, unit: string, { limit }: FigureOptions = {}): Figure => ({
  ...timeFigure(name, value, unit, { limit }),
  tolerance: INTERRUPTION_TOLERANCE,
});

export const rateFigure = (name: string, value: number, unit: string): Figure => ({
  ...timeFigure(name, value, unit),
  better: 'higher',
});

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

/** Integers and large numbers in full, others with three significant digits. */
const numberText = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));

export type FigureValues = Readonly<Record<string, number>>;

export const SCALE_PREFIX = 'scale.';

/** @throws RangeError if two figures have the same name */
export function figureValues(sections: readonly Section[]): FigureValues {
  const figures = sections.flatMap(({ rows }) => rows.flatMap((row) => row.figures));
  const values = Object.fromEntries(figures.map(({ name, value }) => [name, value]));
  const repeated = figures.find(({ name }, n) => figures.findIndex((each) => each.name === name) !== n);
  if (repeated) throw new RangeError(`Two figures have the name ${repeated.name}.`);
  return values;
}
