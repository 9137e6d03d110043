/** The report for people. */
import { shownProblems } from '../summary.ts';
import type { KillsReport } from './run.ts';

export function inWords({ parts, kills, replayed, problems }: KillsReport): string {
  const lines = [...Map.groupBy(parts, ({ remediation }) => remediation)].map(([remediation, cases]) => {
    const times = cases.reduce((sum, each) => sum + each.kills, 0);
    return `${remediation}: ${cases.length} cases, killed ${times} times`;
  });
  return [
    ...lines,
    `${kills} kills in ${parts.length} cases; ${replayed} executions needed a replay`,
    ...(problems.length === 0 ? ['Every fix and every undo ended right.'] : shownProblems(problems)),
  ].join('\n');
}
