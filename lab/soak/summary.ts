/** A soak's report for people. */
import { ENDS } from './mix.ts';
import type { SoakReport } from './run.ts';

/** Problems that are shown; `--json` has all. */
const SHOWN = 50;

export function inWords({ seed, chunks, received, ends, faults, replayed, problems }: SoakReport): string {
  const met = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  return [
    `${ENDS.map((end) => `${ends[end]} ${end}`).join(' + ')} = ${ENDS.reduce((sum, end) => sum + ends[end], 0)} of ${received} received`,
    `calls that failed on purpose: ${met.join(', ') || 'none'}`,
    `${replayed} executions were replayed afterwards; seeds ${seed} to ${seed + chunks - 1}`,
    ...(problems.length === 0 ? ['Everything is accounted for.'] : shownProblems(problems)),
  ].join('\n');
}

export const shownProblems = (problems: readonly string[]): string[] => [
  `${problems.length} problems:`,
  ...problems.slice(0, SHOWN),
  ...(problems.length > SHOWN ? [`… and ${problems.length - SHOWN} more: see --json`] : []),
];
