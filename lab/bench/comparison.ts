/** What got worse since another run. */
import { byName, type Figure, type Figures, type Section, written } from './figures.ts';

/** In words, also what only one of the two measured. */
export function compared(before: Figures, sections: readonly Section[]): { compared: string; worse: boolean } {
  const now = byName(sections);
  const worse = worseThan(before, sections);
  const lines = [
    ...(worse.length > 0 ? ['Got worse:', ...worse.map((each) => `  ${inWords(each)}`)] : ['Nothing got worse.']),
    ...only('Measured now, not before', now, before),
    ...only('Measured before, not now', before, now),
  ];
  return { compared: lines.join('\n'), worse: worse.length > 0 };
}

function only(what: string, these: Figures, those: Figures): string[] {
  const names = Object.keys(these).filter((name) => !(name in those));
  return names.length > 0 ? [`${what}: ${names.join(', ')}`] : [];
}

type Worse = { readonly figure: Figure; readonly before: number };

/** By more than its tolerance; what only one of the two has did not get worse. */
function worseThan(before: Figures, sections: readonly Section[]): Worse[] {
  return sections
    .flatMap(({ rows }) => rows.flatMap((row) => row.figures))
    .flatMap((figure) => {
      const then = before[figure.name];
      if (then === undefined) return [];
      const { value, better, tolerance } = figure;
      const isWorse = better === 'lower' ? value > then * (1 + tolerance) : value < then / (1 + tolerance);
      return isWorse ? [{ figure, before: then }] : [];
    });
}

const inWords = ({ figure, before }: Worse): string =>
  `${figure.name}: ${written({ ...figure, value: before })} → ${written(figure)}${figure.tolerance > 0 ? `, more than ${figure.tolerance * 100} % worse` : ''}`;
