import { problemSummary } from '../summary.ts';
import type { PlansReport } from './run.ts';

export function plansSummary({ plansRun, smallest, problems }: PlansReport): string {
  const result = smallest
    ? [`the smallest plan that fails: ${JSON.stringify(smallest)}`, ...problemSummary(problems)]
    : ['Each changed a resource once if policy allows it, with its undo, and nothing otherwise.'];
  return [`${plansRun} plans were run`, ...result].join('\n');
}
