import { plain } from '../../functions/domain/plain-text.ts';
import type { Operator } from '../clients/operator.ts';
import { forEachPaced } from '../clients/pace.ts';
import type { OperatorRun } from '../clients/runs.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS, WRITE_EXIT_CODES } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { parseReason } from '../options/reason.ts';
import { FILTER_OPTIONS, nameIn, OPTIONAL_FINDING, WRITING_OPTIONS } from '../options/standard.ts';
import { isSelective, selectionIn, type WritingOptions } from '../options/writing.ts';
import { confirm } from '../output/confirm.ts';
import { countText } from '../output/count-text.ts';
import { type ExecutionResult, executionResultLines } from '../output/execution-results.ts';
import { problemLines } from '../output/terminal.ts';
import type { RollbackStep } from '../rollbacks/rollback-step.ts';

export type RollbackOptions = WritingOptions & {
  readonly force?: boolean;
};

export type RollbackReport = {
  readonly run: string | null;
  readonly plan: readonly RollbackStep[];
  readonly results: readonly ExecutionResult[];
  readonly problems: readonly string[];
};

const ROLLBACKS_PER_SECOND = 5;

export default defineCommand<RollbackOptions, [words: readonly string[]]>({
  name: 'rollback',
  heading: 'Undo',
  summary: 'undo fixes: restore the state before, unless the resource has changed since',
  arguments: [OPTIONAL_FINDING],
  options: [
    ...FILTER_OPTIONS,
    ...WRITING_OPTIONS,
    { flags: '--force', text: 'also resources that have changed since; those later changes are lost' },
  ],
  notes: `
Checks first whether the resource is as the fix left it, restores what was before, and checks whether that holds. The finding
is left alone from then on, until somebody replays it with --again. Several changes of one target are undone one after the
other, the newest first. The kill switch holds; caps and circuits do not.`.trim(),
  examples: [
    'suture rollback 0f6e1a2b --reason "broke the VPN"',
    'suture rollback sg-3f2b1a0c --dry-run',
    'suture rollback --control EC2.13 --account 333333333333 --since 2h --dry-run',
  ],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: WRITE_EXIT_CODES,
  interruptible: true,
  run: (options, words) => rollbackCommand(nameIn(words), options),
});

/** Fails if a rollback was refused or failed, or a finding has no change to undo. */
export async function rollbackCommand(name: string | undefined, options: RollbackOptions): Promise<CommandResult> {
  const { force, dryRun, json, yes, show = () => {} } = options;
  checkSelection(name, options);
  const reason = dryRun ? '' : parseReason(options.reason ?? '', 'the team needs the rule');
  const { resolveOperator } = await import('../clients/operator.ts');
  const operator = await resolveOperator(options);
  const { plan, problems } = await planRollback(operator, name, options);
  const resultOf = (run: string | null, results: readonly ExecutionResult[], text: string): CommandResult => ({
    text: json ? JSON.stringify({ run, plan, results, problems } satisfies RollbackReport, null, 2) : text,
    failed: problems.length > 0 || results.some(({ outcome }) => outcome !== 'ROLLED_BACK'),
  });
  const { refusedLines, rollbackPlanText } = await import('../rollbacks/rollback-text.ts');
  const { accountNamesIn } = await import('../clients/account-book.ts');
  const accounts = await accountNamesIn(operator, plan);
  const overview = [rollbackPlanText(plain(plan), accounts), ...problemLines(problems)].join('\n');
  if (dryRun || plan.length === 0) return resultOf(null, [], overview);
  if (!json) show(overview);
  const { beginRun, requireRunPermission } = await import('../clients/runs.ts');
  // The plan comes first, because a person who may not undo may read it.
  if (!yes) await requireRunPermission(operator, 'rollbacks');
  await requireNotStopped(operator);
  const question = `Undo ${countText(plan.length, 'change')}${force ? ', also of resources that have changed since' : ''}?`;
  await confirm(question, { yes, refusal: 'Nothing was undone.' });

  const selection = { name, ...selectionIn(options), force };
  const run = await beginRun(operator, { kind: 'rollbacks', reason, selection });
  const rest = plan.filter(({ findingId }) => !run.completed.has(findingId));
  const results = await performRollbacks(rest, run, operator, options);
  await run.end({ begun: rest.length, before: run.completed.size });
  const lines = [...executionResultLines(results), ...refusedLines(plain(results))];
  return resultOf(run.id, results, lines.join('\n'));
}

/** @throws Failure if the kill switch would refuse every rollback */
async function requireNotStopped({ dynamo, now }: Operator): Promise<void> {
  const { stopsClient } = await import('../clients/stops.ts');
  const { stopText } = await import('../output/stop-text.ts');
  const stopped = await stopsClient(dynamo, now).stopped();
  if (stopped)
    throw new Failure(
      `Suture is stopped ${stopText(stopped)}. A rollback is a change too, so nothing was undone. Resume first: suture resume --reason "…"`,
    );
}

/** Undoes the changes of one target one after the other: each is refused until the newer ones are undone. */
async function performRollbacks(
  steps: readonly RollbackStep[],
  run: OperatorRun,
  operator: Operator,
  { rate, force }: RollbackOptions,
): Promise<ExecutionResult[]> {
  const { executionsOf } = await import('../clients/executions.ts');
  const executions = executionsOf(operator);
  const results: ExecutionResult[] = [];
  for (const wave of wavesOf(steps)) {
    const started: string[] = [];
    const pace = { perSecond: rate ?? ROLLBACKS_PER_SECOND, doneText: 'begun', total: wave.length };
    await forEachPaced(wave, operator, pace, async ({ findingId: finding, execution, started: since }) => {
      started.push(await run.perform({ finding, execution, started: since, force }));
    });
    results.push(...(await executions.wait(started)));
  }
  return results;
}

/** Returns the newest change of each target, then the second newest of each, and so on. */
function wavesOf(steps: readonly RollbackStep[]): RollbackStep[][] {
  const newestFirst = steps.toSorted((a, b) => b.at.localeCompare(a.at));
  const targets = [...Map.groupBy(newestFirst, ({ target }) => target).values()];
  const count = Math.max(0, ...targets.map((changes) => changes.length));
  return Array.from({ length: count }, (_, n) => targets.flatMap((changes) => changes.slice(n, n + 1)));
}

function checkSelection(name: string | undefined, options: RollbackOptions): void {
  const hasFilters = isSelective(selectionIn(options));
  if (name !== undefined && hasFilters) throw new UsageError('Give a name or filters such as --control, not both.');
  if (name === undefined && !hasFilters)
    throw new UsageError('Name a finding, an execution or a resource, or give --control, --account or --since.');
}

async function planRollback(operator: Operator, name: string | undefined, options: RollbackOptions) {
  const { rollbackStep } = await import('../rollbacks/rollback-step.ts');
  const plan: RollbackStep[] = [];
  const problems: string[] = [];
  for await (const findingId of selectedIds(operator, name, options)) {
    const step = rollbackStep(findingId, await operator.ledger.history(findingId));
    if (typeof step === 'string') problems.push(`${findingId}: ${step}`);
    else plan.push(step);
  }
  return { plan, problems };
}

async function* selectedIds(
  operator: Operator,
  name: string | undefined,
  options: RollbackOptions,
): AsyncGenerator<string> {
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { selectFindings } = await import('../names/select-findings.ts');
  if (name !== undefined) return yield* await findingIdsNamed(operator, name);
  const filters = { status: 'fixed', ...selectionIn(options) };
  for await (const { findingId } of selectFindings(operator, filters)) yield findingId;
}
