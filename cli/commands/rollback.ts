/** `suture rollback`: fixes undone, after a look whether the resource has changed since. */

import type { RollbackOrder } from '../../functions/domain/asked.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { Line } from '../../functions/ledger/ledger-queries.ts';
import { beginRun } from '../clients/audit.ts';
import { executionsOf } from '../clients/executions.ts';
import { type Operator, operatorIn } from '../clients/operator.ts';
import { type Ended, endsOf, shownEnds } from '../clients/outcomes.ts';
import { paced } from '../clients/pace.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { checkedReason } from '../options/reason.ts';
import { all, filterOf, findingsNamed } from '../options/selection.ts';
import type { WritingOptions } from '../options/writing.ts';
import { confirmed } from '../output/confirm.ts';
import { onTerminal, table, tabSeparated } from '../output/terminal.ts';

export type RollbackOptions = WritingOptions & {
  readonly force?: boolean;
};

/** The change of one finding that would be undone. */
export type Undoing = {
  readonly findingId: string;
  readonly control?: string;
  readonly account?: string;
  readonly execution: string;
  readonly started: string;
  readonly summary: string;
  /** As the fix left it, and as it would be again. */
  readonly from: unknown;
  readonly to: unknown;
};
export type RollbackReport = {
  readonly run: string | null;
  readonly plan: readonly Undoing[];
  readonly ended: readonly Ended[];
  /** Findings without a change to undo, or whose rollback could not be started. */
  readonly problems: readonly string[];
};

/** Rollbacks begun a second. */
const RATE = 5;

/** `failed` when one was refused, or failed, or has nothing to undo. */
export async function rollbackCommand(
  name: string | undefined,
  options: RollbackOptions,
): Promise<{ text: string; failed: boolean }> {
  const { control, account, since, force, dryRun, json, yes, show = () => {} } = options;
  const filters = [control, account, since].filter((each) => each !== undefined);
  if (name !== undefined && filters.length > 0)
    throw new UsageError('Give a name, or --control, --account and --since.');
  if (name === undefined && filters.length === 0)
    throw new UsageError('Name a finding, an execution or a resource, or give --control, --account or --since.');
  const reason = dryRun ? '' : checkedReason(options.reason ?? '');
  const operator = await operatorIn(options);
  const problems: string[] = [];
  const plan: Undoing[] = [];
  for await (const findingId of fixedOnes(operator, name, options)) {
    const undoing = undoingOf(findingId, await operator.ledger.history(findingId));
    if (undoing) plan.push(undoing);
    else problems.push(`${findingId}: the ledger knows no change of Suture's to undo, or it is undone`);
  }
  const report = (more: Partial<RollbackReport>): string =>
    JSON.stringify({ run: null, plan, ended: [], problems, ...more } satisfies RollbackReport, null, 2);
  if (dryRun || plan.length === 0)
    return { text: json ? report({}) : [shown(plan), ...problems].join('\n'), failed: problems.length > 0 };
  if (!json) show([shown(plan), ...problems].join('\n'));
  const question = `Undo ${plan.length} changes${force ? ', also of resources that have changed since' : ''}?`;
  if (!(await confirmed(question, { yes }))) throw new Failure('Nothing was undone.');

  const executions = executionsOf(operator);
  const run = await beginRun(operator, {
    action: 'rollback',
    reason,
    selection: { name, control, account, since, force },
  });
  const begun: string[] = [];
  const left = plan.filter(({ findingId }) => !run.done.has(findingId));
  await paced(
    left,
    operator,
    { perSecond: options.rate ?? RATE, doing: 'begun', total: left.length },
    async (undoing) => {
      const { findingId: finding, execution, started } = undoing;
      const order: RollbackOrder = {
        askedBy: operator.caller,
        rollback: { finding, execution, started, ...(force && { force }) },
      };
      begun.push(await run.did(finding, () => executions.start(`rollback-${run.id}-${hash(finding)}`, order)));
    },
  );
  await run.end({ begun: begun.length, before: run.done.size });
  const ended = endsOf(await executions.wait(begun));
  const failed = problems.length > 0 || ended.some(({ outcome }) => outcome !== 'ROLLED_BACK');
  const refused = ended
    .filter(({ outcome }) => outcome === 'REFUSED')
    .map(({ why, execution }) => `Refused: ${why}\n  ${execution}`);
  const text = json ? report({ run: run.id, ended }) : [`Run ${run.id}.`, ...shownEnds(ended), ...refused].join('\n');
  return { text, failed };
}

async function* fixedOnes(operator: Operator, name: string | undefined, { control, account, since }: RollbackOptions) {
  if (name !== undefined) return yield* await findingsNamed(operator, name);
  for await (const { findingId } of all(
    operator,
    filterOf({ status: 'fixed', control, account, since }, operator.now()),
  ))
    yield findingId;
}

/** The newest change that was made because of this finding; one that failed may have begun to write. */
function undoingOf(findingId: string, history: readonly Line[]): Undoing | undefined {
  const last = history.findLastIndex(
    ({ outcome, job: { work } }) => outcome === 'FIXED' || (outcome === 'FAILED' && work?.mode === 'apply'),
  );
  const line = history[last];
  if (!line || history.slice(last).some(({ outcome }) => outcome === 'ROLLED_BACK')) return undefined;
  const { finding, execution, started, result } = line.job;
  const change =
    result && 'before' in result ? result : { before: undefined, after: undefined, summary: 'failed under way' };
  return {
    findingId,
    control: finding.control,
    account: finding.account,
    execution,
    started,
    summary: change.summary,
    from: change.after,
    to: change.before,
  };
}

function shown(plan: readonly Undoing[]): string {
  const rows = plan.map(({ control, account, findingId, summary, from, to }) => [
    control ?? '-',
    account ?? '-',
    findingId,
    `${summary}: from ${JSON.stringify(from)} back to ${JSON.stringify(to)}`,
  ]);
  if (!onTerminal) return tabSeparated(rows);
  return rows.length === 0
    ? 'There is nothing to undo.'
    : table(['control', 'account', 'finding', 'what the fix did'], rows);
}
