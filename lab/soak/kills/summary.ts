import { problemSummary } from '../summary.ts';
import type { KillsReport } from './run.ts';

export function killsSummary({ parts, kills, replayed, problems }: KillsReport): string {
  const lines = [...Map.groupBy(parts, ({ remediation }) => remediation)].map(([remediation, own]) => {
    const times = own.reduce((sum, part) => sum + part.kills, 0);
    return `${remediation}: ${own.length} scenarios, killed ${times} times`;
  });
  return [
    ...lines,
    `${kills} kills in ${parts.length} scenarios; ${replayed} executions needed a replay`,
    ...(problems.length === 0 ? ['Every fix and every rollback ended as expected.'] : problemSummary(problems)),
  ].join('\n');
}
