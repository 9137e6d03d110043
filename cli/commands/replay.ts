/** `suture replay`: findings dealt with once more. */
import type { Wishes } from '../../functions/domain/asked.ts';
import { hash } from '../../functions/domain/trace.ts';
import { beginRun } from '../clients/audit.ts';
import { type Executions, executionsOf } from '../clients/executions.ts';
import { type Operator, operatorIn } from '../clients/operator.ts';
import { type Ended, endsOf, shownEnds } from '../clients/outcomes.ts';
import { paced } from '../clients/pace.ts';
import { type Replaying, replayed, replayingOf } from '../clients/replaying.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { checkedReason } from '../options/reason.ts';
import { all, filterOf, findingsNamed } from '../options/selection.ts';
import type { WritingOptions } from '../options/writing.ts';
import { confirmed } from '../output/confirm.ts';
import { onTerminal, table, tabSeparated } from '../output/terminal.ts';

export type ReplayOptions = WritingOptions & {
  /** Every failed one that the filters let through. */
  readonly failed?: boolean;
  readonly error?: string;
  readonly again?: boolean;
  readonly overCaps?: boolean;
  /** Until what was begun is over; on unless it says false. */
  readonly wait?: boolean;
};

/** Looks a second: each takes a DescribeExecution and a DescribeStateMachineForExecution. */
const LOOKS = 5;
/** Below the 150 a second that StartExecution and RedriveExecution take, and gentle to what follows. */
const RATE = 10;

export type ReplayReport = {
  readonly run: string | null;
  readonly plan: readonly Omit<Replaying, 'input'>[];
  readonly ended: readonly Ended[];
  readonly problems: readonly string[];
};

/** `failed` when something could not be replayed, or failed again. */
export async function replayCommand(
  name: string | undefined,
  options: ReplayOptions,
): Promise<{ text: string; failed: boolean }> {
  const { json, dryRun, yes, show = () => {} } = options;
  const selection = selectionOf(name, options);
  const reason = dryRun ? '' : checkedReason(options.reason ?? '');
  const operator = await operatorIn(options);
  const executions = executionsOf(operator);
  const plan = await planned(operator, executions, name, options);
  const report = (more: Partial<ReplayReport>): ReplayReport => ({
    run: null,
    plan: plan.map(({ input: _, ...shown }) => shown),
    ended: [],
    problems: [],
    ...more,
  });
  if (dryRun) return { text: json ? inJson(report({})) : shown(plan), failed: false };
  const todo = plan.filter(({ how }) => how !== 'leave');
  if (todo.length === 0)
    return { text: json ? inJson(report({})) : `${shown(plan)}\nNothing is replayed.`, failed: false };
  if (!json) show(shown(plan));
  if (!(await confirmed(`Replay ${todo.length} of ${plan.length}?`, { yes })))
    throw new Failure('Nothing was replayed.');

  const run = await beginRun(operator, { action: 'replay', reason, selection });
  const begun: string[] = [];
  const problems: string[] = [];
  const left = todo.filter(({ findingId }) => !run.done.has(findingId));
  const pace = { perSecond: options.rate ?? RATE, doing: 'replayed', total: left.length };
  await paced(left, operator, pace, async (replaying) => {
    try {
      begun.push(await run.did(replaying.findingId, () => replay(replaying, run.id, executions)));
    } catch (error) {
      problems.push(`${replaying.findingId}: ${error instanceof Error ? error.message : error}`);
    }
  });
  await run.end({ replayed: begun.length, problems: problems.length, before: run.done.size });
  const ended = options.wait === false ? [] : endsOf(await executions.wait(begun));
  const text = json
    ? inJson(report({ run: run.id, ended, problems }))
    : [`Replayed ${begun.length}, run ${run.id}.`, ...problems, ...shownEnds(ended)].join('\n');
  return {
    text,
    failed: problems.length > 0 || ended.some(({ status }) => status !== 'SUCCEEDED' && status !== 'RUNNING'),
  };
}

function selectionOf(name: string | undefined, options: ReplayOptions): Record<string, unknown> {
  const { failed, since, control, account, error, again, overCaps } = options;
  if (name === undefined && !failed)
    throw new UsageError('Name a finding, an execution or a resource, or give --failed.');
  if (name !== undefined && failed) throw new UsageError('Give a name or --failed, not both.');
  if (name !== undefined && [since, control, account, error].some((each) => each !== undefined))
    throw new UsageError('--since, --control, --account and --error narrow down --failed.');
  return { name, since, control, account, error, again, overCaps };
}

async function planned(
  operator: Operator,
  executions: Executions,
  name: string | undefined,
  options: ReplayOptions,
): Promise<Replaying[]> {
  const { since, control, account, error, again, overCaps } = options;
  const asks: Wishes = { ...(again && { again }), ...(overCaps && { overCaps }) };
  const ids = name === undefined ? [] : await findingsNamed(operator, name);
  if (name === undefined)
    for await (const { findingId } of all(
      operator,
      filterOf({ status: 'failed', since, control, account, error }, operator.now()),
    ))
      ids.push(findingId);
  const plan: Replaying[] = [];
  await paced(ids, operator, { perSecond: LOOKS, doing: 'looked at', total: ids.length }, async (id) => {
    const record = await operator.ledger.record(id);
    if (!record) throw new UsageError(`Of ${id} the ledger knows nothing but duplicates: there is nothing to replay.`);
    const execution = replayed(record, await operator.ledger.history(id));
    plan.push(await replayingOf(record, execution, asks, executions, operator));
  });
  return plan;
}

/** Answers the execution. */
async function replay(
  { findingId, how, execution, input }: Replaying,
  run: string,
  executions: Executions,
): Promise<string> {
  if (how === 'start') return executions.start(`replay-${run}-${hash(findingId)}`, input!);
  await executions.redrive(execution, run);
  return execution;
}

function shown(plan: readonly Replaying[]): string {
  const rows = plan.map(({ how, control, account, error, why, findingId }) => [
    how,
    control ?? '-',
    account ?? '-',
    error ?? '-',
    findingId,
    why,
  ]);
  if (!onTerminal) return tabSeparated(rows);
  if (rows.length === 0) return 'The ledger knows no such finding.';
  return table(['what', 'control', 'account', 'error', 'finding', 'why'], rows);
}

const inJson = (value: object) => JSON.stringify(value, null, 2);
