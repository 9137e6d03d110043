import type { AccountNames } from '../names/account-name.ts';
import { shortIds } from '../names/short-names.ts';
import { diffLines } from '../output/diff-text.ts';
import type { ExecutionResult } from '../output/execution-results.ts';
import { stepTable } from '../output/step-table.ts';
import { IS_TERMINAL } from '../output/terminal.ts';
import type { RollbackStep } from './rollback-step.ts';

/** Returns a line for each refused rollback. */
export const refusedLines = (results: readonly ExecutionResult[]): string[] =>
  results.filter(({ outcome }) => outcome === 'REFUSED').map(({ why, execution }) => `Refused: ${why}\n  ${execution}`);

/** A table with more differences would be hard to read: `show` has each. */
const MAX_DIFFERENCES = 5;

export function rollbackPlanText(
  plan: readonly RollbackStep[],
  accounts: AccountNames,
  { isTerminal = IS_TERMINAL, width }: { readonly isTerminal?: boolean; readonly width?: number } = {},
): string {
  if (plan.length === 0) return 'There is nothing to undo.';
  const overview = stepTable(plan, {
    ...{ accounts, isTerminal, width },
    last: { 'what the fix did': ({ summary }) => summary },
    line: ({ control = '-', account = '-', findingId, summary, from, to }) => [
      control,
      account,
      findingId,
      hasChange({ from, to }) ? `${summary}: from ${JSON.stringify(from)} back to ${JSON.stringify(to)}` : summary,
    ],
  });
  if (!isTerminal || plan.length > MAX_DIFFERENCES) return overview;
  const short = shortIds(plan.map(({ findingId }) => findingId));
  return [
    overview,
    ...plan.flatMap((step, n) => (hasChange(step) ? differenceOf(short[n]!, step.from, step.to) : [])),
  ].join('\n');
}

/** Returns false for an execution that failed: the journal has its change, and the ledger has not. */
const hasChange = ({ from, to }: Pick<RollbackStep, 'from' | 'to'>): boolean => from !== undefined || to !== undefined;

const differenceOf = (id: string, from: unknown, to: unknown): string[] => [
  '',
  `${id} becomes again:`,
  ...diffLines(from, to).map((line) => `  ${line}`),
];
