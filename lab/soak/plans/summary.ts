/** The report for people. */
import { shownProblems } from '../summary.ts';
import type { PlansReport } from './run.ts';

export const inWords = ({ carriedOut, smallest, problems }: PlansReport): string =>
  [
    `${carriedOut} plans were carried out`,
    ...(smallest ? [`the smallest that ends wrong: ${JSON.stringify(smallest)}`, ...shownProblems(problems)] : []),
    ...(smallest ? [] : ['Each changed a resource once where policy lets it be, with its undo, and else nothing.']),
  ].join('\n');
