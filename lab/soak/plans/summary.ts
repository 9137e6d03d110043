import { problemLines } from '../summary.ts';
import type { PlansReport } from './run.ts';

/** Returns the report of `npm run soak -- plans` as text. */
export function plansSummary({ plansRun, smallest, problems }: PlansReport): string {
  const result = smallest
    ? [`the smallest plan that fails: ${JSON.stringify(smallest)}`, ...problemLines(problems)]
    : ['Each changed a resource once if policy allows it, with its undo, and nothing otherwise.'];
  return [`${plansRun} plans were run`, ...result].join('\n');
}
