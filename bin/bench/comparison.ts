/** What got worse since another run. */
import { byName, type Figures, inDigits, type Section } from './figures.ts';

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

type Worse = {
  readonly name: string;
  readonly before: number;
  readonly now: number;
  readonly tolerance: number;
};

/** By more than its tolerance; what only one of the two has did not get worse. */
function worseThan(before: Figures, sections: readonly Section[]): Worse[] {
  return sections
    .flatMap(({ rows }) => rows.flatMap((row) => row.figures))
    .flatMap(({ name, value, better, tolerance }) => {
      const then = before[name];
      if (then === undefined) return [];
      const isWorse = better === 'lower' ? value > then * (1 + tolerance) : value < then / (1 + tolerance);
      return isWorse ? [{ name, before: then, now: value, tolerance }] : [];
    });
}

const inWords = ({ name, before, now, tolerance }: Worse): string =>
  `${name}: ${inDigits(before)} → ${inDigits(now)}${tolerance > 0 ? `, more than ${tolerance * 100} % worse` : ''}`;
