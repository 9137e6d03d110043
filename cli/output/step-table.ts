/** The steps of a plan: on a terminal a table that fits it, otherwise tab-separated lines. */
import { type AccountNames, accountCell } from '../names/account-name.ts';
import { resourceTail, shortIds } from '../names/short-names.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { oneLine, orDash } from './listing.ts';
import { IS_TERMINAL, tabSeparated } from './terminal.ts';

export type PlannedStep = {
  readonly findingId: string;
  readonly control?: string;
  readonly account?: string;
  readonly resource?: string;
};

export type StepTable<T extends PlannedStep> = {
  readonly accounts: AccountNames;
  /** The cells before those of the finding, and after them, by heading. */
  readonly first?: Readonly<Record<string, (step: T) => string>>;
  readonly last: Readonly<Record<string, (step: T) => string>>;
  /** The line for a pipe or a file. */
  readonly line: (step: T) => readonly string[];
  readonly isTerminal?: boolean;
  readonly width?: number;
};

/** @param steps with harmless texts, as `plain` returns them */
export function stepTable<T extends PlannedStep>(steps: readonly T[], options: StepTable<T>): string {
  const { accounts, first = {}, last, line, isTerminal = IS_TERMINAL, width } = options;
  if (!isTerminal) return tabSeparated(steps.map(line));
  const short = shortIds(steps.map(({ findingId }) => findingId));
  const columns: TableColumn[] = [
    { heading: 'id' },
    ...Object.keys(first).map((heading) => ({ heading })),
    { heading: 'control', cut: { side: 'end', min: 8 } },
    { heading: 'account', cut: { side: 'end', min: 12 } },
    { heading: 'resource', cut: { side: 'start', min: 12 }, dropped: 1 },
    ...Object.keys(last).map((heading): TableColumn => ({ heading, cut: { side: 'end', min: 12 } })),
  ];
  const rows = steps.map((step, n) => [
    short[n]!,
    ...Object.values(first).map((value) => value(step)),
    orDash(step.control),
    accountCell(step.account, accounts),
    step.resource === undefined ? '-' : resourceTail(step.resource),
    ...Object.values(last).map((value) => oneLine(value(step))),
  ]);
  return fittedTable(columns, rows, width);
}
