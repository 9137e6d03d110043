import type { ReplayStep } from '../../functions/ledger/replay-step.ts';
import type { AccountNames } from '../names/account-name.ts';
import { shortId } from '../names/short-names.ts';
import { wrapWords } from '../output/paragraphs.ts';
import { stepTable } from '../output/step-table.ts';
import { IS_TERMINAL } from '../output/terminal.ts';

/** JSON and the API use the names of Step Functions' operations instead. */
const HOW_TEXTS = { redrive: 'continue', start: 'start', leave: 'leave' } as const satisfies Record<
  ReplayStep['how'],
  string
>;

export function replayPlanText(
  plan: readonly ReplayStep[],
  accounts: AccountNames,
  { isTerminal = IS_TERMINAL, width }: { readonly isTerminal?: boolean; readonly width?: number } = {},
): string {
  if (plan.length === 0)
    return 'No finding that failed is of that kind. Those that failed: suture list --status failed';
  // Every row would say what the sentence below says whole.
  const isOneReason = new Set(plan.map(({ why }) => why)).size === 1;
  const table = stepTable(plan, {
    ...{ accounts, isTerminal, width },
    first: { what: ({ how }) => HOW_TEXTS[how], error: ({ error }) => error ?? '-' },
    last: isOneReason ? {} : { why: ({ why }) => why },
    line: ({ how, control = '-', account = '-', error = '-', why, findingId }) => [
      HOW_TEXTS[how],
      control,
      account,
      error,
      findingId,
      why,
    ],
  });
  return [table, ...(isTerminal ? reasonLines(plan) : [])].join('\n');
}

/** A plan: nothing was done yet. A person reads further reasons one by one, with `show`. */
const MAX_REASONS = 5;
const HOW_LABELS: Readonly<Record<ReplayStep['how'], string>> = {
  redrive: 'Would continue',
  start: 'Would start',
  leave: 'Left',
};

/** Returns the reasons for continuing, starting or leaving findings, which a table would cut. */
export function reasonLines(plan: readonly Pick<ReplayStep, 'findingId' | 'how' | 'why'>[]): string[] {
  const reasons = Map.groupBy(plan, ({ how, why }) => `${HOW_LABELS[how]}\0${why}`);
  const lines = [...reasons].slice(0, MAX_REASONS).map(([reason, steps]) => {
    const [label, why] = reason.split('\0');
    const which = steps.length === 1 ? shortId(steps[0]!.findingId) : `${steps.length} findings`;
    return wrapWords(`${label}: ${which}: ${why}`);
  });
  return lines.length > 0 ? ['', ...lines] : [];
}
