import type { DoctorResult } from '../../functions/domain/doctor.ts';
import { countText } from '../output/count-text.ts';
import { colour } from '../output/terminal.ts';

type ProblemGroup = { readonly places: string[]; readonly result: DoctorResult };

/** Groups problems that differ in their place alone. */
export function doctorText(results: readonly DoctorResult[]): string {
  const problems = results.filter(({ problem }) => problem !== undefined);
  const checks = new Set(results.map(({ check }) => check)).size;
  const places = new Set(results.map(({ where }) => where)).size;
  const scope = `${countText(results.length, 'check')} of ${countText(checks, 'kind')} at ${countText(places, 'place')}`;
  const notes = results.flatMap(({ check, where, note }) =>
    note === undefined ? [] : [`${check}  ${where}  ${note}`],
  );
  if (problems.length === 0) return [`${colour('green', 'All is well.')} ${scope}.`, ...notes].join('\n');
  return [
    `${colour('red', countText(problems.length, 'problem'))} in ${scope}:`,
    ...groupProblems(problems).flatMap(({ places, result }) => ['', ...problemText(places, result)]),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

function groupProblems(problems: readonly DoctorResult[]): ProblemGroup[] {
  const groups = new Map<string, ProblemGroup>();
  for (const result of problems) {
    const { check, where, problem = '', lines = [] } = result;
    const account = where.slice(0, 12);
    const key = [check, problem.replaceAll(account, ''), ...lines].join('\n');
    const group = groups.get(key);
    if (group) group.places.push(where);
    else groups.set(key, { places: [where], result });
  }
  return [...groups.values()];
}

const MAX_PLACES = 10;

function problemText(places: readonly string[], { check, problem, remedy, lines = [] }: DoctorResult): string[] {
  const shownPlaces = places.slice(0, MAX_PLACES).join(', ');
  const more = places.length > MAX_PLACES ? ` and ${places.length - MAX_PLACES} more places` : '';
  return [
    `${colour('bold', check)}  ${shownPlaces}${more}`,
    `  ${problem}`,
    ...lines.map((line) => `    ${colour(line.startsWith('-') ? 'red' : 'green', line)}`),
    `  To do: ${remedy}`,
  ];
}

/** Replaces the sign by a word, because a spreadsheet takes a cell that begins with a sign for a formula. */
const differenceCells = (line: string): string[] => {
  const [sign = ''] = line;
  return sign in SIGNS ? [SIGNS[sign as keyof typeof SIGNS], line.slice(2)] : ['more', line];
};
const SIGNS = { '-': 'missing', '+': 'unexpected' } as const;

/** Returns kind, check and place; then problem and remedy, a line of a difference, or a note. */
export const doctorRows = (results: readonly DoctorResult[]): string[][] =>
  results.flatMap(({ check, where, problem, remedy = '', note, lines = [] }) => [
    ...(problem === undefined ? [] : [['problem', check, where, problem, remedy]]),
    ...lines.map((line) => ['difference', check, where, ...differenceCells(line)]),
    ...(note === undefined ? [] : [['note', check, where, note]]),
  ]);
