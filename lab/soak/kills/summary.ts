import { countText } from '../../../cli/output/count-text.ts';
import { problemSummary } from '../summary.ts';
import type { KillsReport } from './run.ts';

export function killsSummary({ parts, kills, replayed, problems }: KillsReport): string {
  const lines = [...Map.groupBy(parts, ({ remediation }) => remediation)].map(([remediation, own]) => {
    const times = own.reduce((sum, part) => sum + part.kills, 0);
    return `${remediation}: ${countText(own.length, 'scenario')}, killed ${countText(times, 'time')}`;
  });
  return [
    ...lines,
    `${countText(kills, 'kill')} in ${countText(parts.length, 'scenario')}; ${countText(replayed, 'execution')} needed a replay`,
    ...(problems.length === 0 ? ['Every fix and every rollback ended as expected.'] : problemSummary(problems)),
  ].join('\n');
}
