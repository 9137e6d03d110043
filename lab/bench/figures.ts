/** Figures, and how they are shown beside what the design allows and what others take. */
import { colour, table } from '../../cli/output/terminal.ts';

export type Figure = {
  /** Unique; the name in `--json`. */
  readonly name: string;
  readonly value: number;
  /** Shown after the value: ` s`, ` ms`, empty for a count. */
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** By what part it may get worse before a comparison tells: nothing for what is counted, more for what a machine measures. */
  readonly tolerance: number;
  /** What the design allows at most. */
  readonly limit?: number;
};
export type Row = {
  readonly what: string;
  readonly figures: readonly Figure[];
  /** What it is to be seen beside. */
  readonly beside?: string;
};
/** `of` names the figures of each row, in their order. */
export type Section = {
  readonly title: string;
  readonly of: string;
  readonly rows: readonly Row[];
  /** What all of it is to be seen beside. */
  readonly beside?: string;
};

/** Parts by which a machine that does something else meanwhile makes a figure worse. */
const BUSY = 0.5;
/** Parts by which a single interruption does. */
const INTERRUPTED = 4;
/** Of what other versions of packages may change. */
const SLIGHT = 0.03;

type Limit = { readonly limit?: number };

/** What comes out the same whenever nothing changed. */
export const counted = (name: string, value: number, { limit, unit = '' }: Limit & { unit?: string } = {}): Figure => ({
  name,
  value,
  unit,
  better: 'lower',
  tolerance: 0,
  ...(limit !== undefined && { limit }),
});
/** Sizes, costs and virtual seconds: nearly so. */
export const nearly = (name: string, value: number, unit: string, { limit }: Limit = {}): Figure => ({
  ...counted(name, value, { limit, unit }),
  tolerance: SLIGHT,
});
/** Dollars: in part of time that the machine takes. */
export const priced = (name: string, value: number): Figure => ({
  ...counted(name, value, { unit: '$' }),
  tolerance: 0.2,
});
/** What the machine takes. */
export const timed = (name: string, value: number, unit: string, { limit }: Limit = {}): Figure => ({
  ...counted(name, value, { limit, unit }),
  tolerance: BUSY,
});
/** The slowest of a hundred: they are those that met whatever else the machine does. */
export const slowest = (name: string, value: number, unit: string, { limit }: Limit = {}): Figure => ({
  ...timed(name, value, unit, { limit }),
  tolerance: INTERRUPTED,
});
/** What the machine does in a second. */
export const rated = (name: string, value: number, unit: string): Figure => ({
  ...timed(name, value, unit),
  better: 'higher',
});

/** One table of all of it, in sections under their titles. */
export function shown(sections: readonly Section[]): string {
  const titled = sections.map((section, n) => ({ ...section, mark: `§${n}§` }));
  const rows = titled.flatMap(({ mark, rows }) => [
    [mark, '', '', ''],
    ...rows.map(({ what, figures, beside = '' }) => [`  ${what}`, valuesOf(figures), limitsOf(figures), beside]),
  ]);
  // A title is wider than the column that it begins in.
  return titled.reduce(
    (text, { mark, title, of, beside }) =>
      text.replace(new RegExp(`^${mark} *$`, 'm'), `\n${colour('bold', title)}: ${of}${beside ? ` (${beside})` : ''}`),
    table(['', 'measured', 'at most', 'beside'], rows),
  );
}

const valuesOf = (figures: readonly Figure[]): string =>
  figures.map((figure) => (isOver(figure) ? colour('red', `${written(figure)} (over)`) : written(figure))).join(' / ');

const limitsOf = (figures: readonly Figure[]): string =>
  figures.every(({ limit }) => limit === undefined)
    ? ''
    : figures.map(({ limit }) => (limit === undefined ? '-' : inDigits(limit))).join(' / ');

export const isOver = ({ value, limit }: Figure): boolean => limit !== undefined && value > limit;

export const written = ({ value, unit }: Figure): string =>
  unit.startsWith('$') ? `$${inDigits(value)}` : inDigits(value) + unit;

/** Three digits are as many as a figure is worth, unless it is a count. */
const inDigits = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));

/** Name → value, as `--json` prints them. */
export type Figures = Readonly<Record<string, number>>;

/** Names of the figures of `--scale` begin with it. */
export const SCALE = 'scale.';

/** Every figure under its name. @throws RangeError where two have the same name */
export function byName(sections: readonly Section[]): Figures {
  const figures = sections.flatMap(({ rows }) => rows.flatMap((row) => row.figures));
  const named = Object.fromEntries(figures.map(({ name, value }) => [name, value]));
  if (Object.keys(named).length === figures.length) return named;
  throw new RangeError('Two figures have the same name.');
}
