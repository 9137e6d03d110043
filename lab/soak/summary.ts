import { countText } from '../../cli/output/count-text.ts';
import { SOAK_OUTCOMES } from './mix.ts';
import type { SoakReport } from './run.ts';

const MAX_PROBLEMS = 50;

export function soakSummary({ seed, chunks, received, outcomes, faults, replayed, problems }: SoakReport): string {
  const counts = SOAK_OUTCOMES.map((outcome) => `${outcomes[outcome]} ${outcome}`).join(' + ');
  const sum = SOAK_OUTCOMES.reduce((total, outcome) => total + outcomes[outcome], 0);
  const faultCounts = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  return [
    `${counts} = ${sum} of ${received} received`,
    `injected faults: ${faultCounts.join(', ') || 'none'}`,
    `${countText(replayed, 'execution was', 'executions were')} replayed afterwards; seeds ${seed} to ${seed + chunks - 1}`,
    ...(problems.length === 0 ? ['Everything is accounted for.'] : problemSummary(problems)),
  ].join('\n');
}

export const problemSummary = (problems: readonly string[]): string[] => [
  `${countText(problems.length, 'problem')}:`,
  ...problems.slice(0, MAX_PROBLEMS),
  ...(problems.length > MAX_PROBLEMS ? [`… and ${problems.length - MAX_PROBLEMS} more: see --json`] : []),
];
