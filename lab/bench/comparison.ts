import { type Figure, type FigureValues, figureText, figureValues, type Section } from './figures.ts';

export type FigureComparison = { readonly comparison: string; readonly isWorse: boolean };

/** Compares two runs. The text also names figures that only one of them has. */
export function compareFigures(before: FigureValues, sections: readonly Section[]): FigureComparison {
  const now = figureValues(sections);
  const worse = worseFigures(before, sections);
  const lines = [
    ...(worse.length > 0 ? ['Got worse:', ...worse.map((each) => `  ${changeText(each)}`)] : ['Nothing got worse.']),
    ...namesOnlyIn('Measured now, not before', now, before),
    ...namesOnlyIn('Measured before, not now', before, now),
  ];
  return { comparison: lines.join('\n'), isWorse: worse.length > 0 };
}

function namesOnlyIn(label: string, values: FigureValues, others: FigureValues): string[] {
  const names = Object.keys(values).filter((name) => !(name in others));
  return names.length > 0 ? [`${label}: ${names.join(', ')}`] : [];
}

type WorseFigure = { readonly figure: Figure; readonly before: number };

const worseFigures = (before: FigureValues, sections: readonly Section[]): WorseFigure[] =>
  sections
    .flatMap(({ rows }) => rows.flatMap(({ figures }) => figures))
    .flatMap((figure) => {
      const earlier = before[figure.name];
      return earlier !== undefined && isWorse(figure, earlier) ? [{ figure, before: earlier }] : [];
    });

const isWorse = ({ value, better, tolerance }: Figure, before: number): boolean =>
  better === 'lower' ? value > before * (1 + tolerance) : value < before / (1 + tolerance);

function changeText({ figure, before }: WorseFigure): string {
  const tolerance = figure.tolerance > 0 ? `, more than ${figure.tolerance * 100} % worse` : '';
  return `${figure.name}: ${figureText({ ...figure, value: before })} → ${figureText(figure)}${tolerance}`;
}
