import { countText } from '../../../cli/output/count-text.ts';
import { problemSummary } from '../summary.ts';
import type { PolicyChangeReport } from './run.ts';

export const policyChangeSummary = ({ open, openEnds, laterEnds, finalEnds, problems }: PolicyChangeReport): string =>
  [
    `${countText(open, 'execution was', 'executions were')} open when the policy changed: ${counts(openEnds)}`,
    `findings that arrived later: ${counts(laterEnds)}`,
    `after a replay with every control automatic: ${counts(finalEnds)}`,
    ...(problems.length === 0
      ? ['No attempt wrote against the policy, and no finding was lost.']
      : problemSummary(problems)),
  ].join('\n');

const counts = (ends: PolicyChangeReport['openEnds']) =>
  Object.entries(ends)
    .map(([end, count]) => `${count} ${end}`)
    .join(', ');
