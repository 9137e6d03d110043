/** The report for people. */
import { shownProblems } from '../summary.ts';
import type { PolicyChangeReport } from './run.ts';

export const inWords = ({ open, ends, later, atLast, problems }: PolicyChangeReport): string =>
  [
    `${open} were open when the policy changed: ${counts(ends)}`,
    `those that came later: ${counts(later)}`,
    `at last, with everything automatic and what failed replayed: ${counts(atLast)}`,
    ...(problems.length === 0 ? ['Nothing was written against policy, and nothing is lost.'] : shownProblems(problems)),
  ].join('\n');

const counts = (ends: PolicyChangeReport['ends']) =>
  Object.entries(ends)
    .map(([end, count]) => `${count} ${end}`)
    .join(', ');
