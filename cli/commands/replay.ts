import { plain, plainText } from '../../functions/domain/plain-text.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import type { StartOptions } from '../../functions/domain/start-options.ts';
import type { ReplayStep } from '../../functions/ledger/replay-step.ts';
import type { WorkflowExecutions } from '../../functions/ports/workflow-executions.ts';
import type { Operator } from '../clients/operator.ts';
import { forEachPaced } from '../clients/pace.ts';
import type { OperatorRun } from '../clients/runs.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS, WRITE_EXIT_CODES } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { shortId } from '../names/short-names.ts';
import { parseReason } from '../options/reason.ts';
import { FILTER_OPTIONS, nameIn, OPTIONAL_FINDING, WRITING_OPTIONS } from '../options/standard.ts';
import { isSelective, selectionIn, type WritingOptions } from '../options/writing.ts';
import { confirm } from '../output/confirm.ts';
import {
  type ExecutionResult,
  executionResultLines,
  isFailedExecution,
  isRunning,
} from '../output/execution-results.ts';
import { problemLines } from '../output/terminal.ts';

export type ReplayOptions = WritingOptions & {
  readonly failed?: boolean;
  readonly error?: string;
  readonly again?: boolean;
  readonly early?: boolean;
  readonly wait?: boolean;
};

export type ReplayReport = {
  readonly run: string | null;
  readonly plan: readonly Omit<ReplayStep, 'input'>[];
  readonly results: readonly ExecutionResult[];
  readonly problems: readonly string[];
};

/** Planning a step takes a DescribeExecution and a DescribeStateMachineForExecution. */
const PLANS_PER_SECOND = 5;
/** StartExecution and RedriveExecution take 150 calls a second; the functions afterwards take fewer. */
const REPLAYS_PER_SECOND = 10;

export default defineCommand<ReplayOptions, [words: readonly string[]]>({
  name: 'replay',
  heading: 'Decide',
  summary: 'process findings again: continue what failed where it failed, or start a new execution',
  arguments: [OPTIONAL_FINDING],
  options: [
    ...FILTER_OPTIONS,
    ...WRITING_OPTIONS,
    { flags: '--failed', text: 'every failed finding; the filters select some of them' },
    { flags: '--error <name>', text: 'that failed with one error' },
    {
      flags: '--again',
      text: 'also findings that were handled within the hour, failed five times or were rolled back; starts new executions',
    },
    { flags: '--early', text: 'end the time that the owner has: change now what waits for its owner' },
    { flags: '--no-wait', text: 'do not wait for the results' },
  ],
  notes: `
An execution that failed within 14 days, by the same workflow, continues where it failed; for others a new one starts with the
original input, in your name: a person who asked for a change may not approve it. A finding whose archive Security Hub refused
is replayed by a new execution, because its suppression may have ended; so is a failed one that an exception of policy covers now, and
triage ends it. With --early, one begins although another waits for the
owner of the resource; policy decides as if the time were up, and an approver is asked where it says so. Leases and the kill switch always hold.
After Ctrl-C, the same command continues with the rest.`.trim(),
  examples: [
    'suture replay --failed --error MemberRoleUnavailable --account 666666666666 --dry-run',
    'suture replay 0f6e1a2b --again --reason "the owner wants it after all"',
    'suture replay 0f6e1a2b --early --reason "the port is being attacked"',
    'suture replay --failed --since 2h --reason "the role is there now"',
  ],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: WRITE_EXIT_CODES,
  interruptible: true,
  run: (options, words) => replayCommand(nameIn(words), options),
});

export async function replayCommand(name: string | undefined, options: ReplayOptions): Promise<CommandResult> {
  const { json, dryRun, yes, show = () => {} } = options;
  const selection = selectionFrom(name, options);
  const reason = dryRun ? '' : parseReason(options.reason ?? '');
  const { resolveOperator } = await import('../clients/operator.ts');
  const { executionsOf } = await import('../clients/executions.ts');
  const { beginRun, requireRunPermission } = await import('../clients/runs.ts');
  const operator = await resolveOperator(options);
  // Only operators may read the executions of a plan, so nobody else sees one.
  if (!dryRun) await requireRunPermission(operator, 'replays');
  const executions = executionsOf(operator);
  const plan = await planReplay(operator, executions, name, options);
  const report: ReplayReport = {
    run: null,
    plan: plan.map(({ input: _, ...step }) => step),
    results: [],
    problems: [],
  };
  const resultOf = (text: string, more: Partial<ReplayReport> = {}) => resultFrom({ ...report, ...more }, text, json);
  const { accountNamesIn } = await import('../clients/account-book.ts');
  const { replayPlanText } = await import('../replays/replay-text.ts');
  const planned = replayPlanText(plain(plan), await accountNamesIn(operator, plan));
  if (dryRun) return resultOf(planned);
  const steps = plan.filter(({ how }) => how !== 'leave');
  if (steps.length === 0) return { ...resultOf(`${planned}\nNothing is replayed.`), failed: plan.length > 0 };
  if (!json) show(planned);
  await confirm(`Replay ${steps.length} of ${plan.length}?`, { yes, refusal: 'Nothing was replayed.' });

  const run = await beginRun(operator, { kind: 'replays', reason, selection });
  const started: string[] = [];
  const problems: { readonly findingId: string; readonly text: string }[] = [];
  const rest = steps.filter(({ findingId }) => !run.completed.has(findingId));
  const pace = { perSecond: options.rate ?? REPLAYS_PER_SECOND, doneText: 'replayed', total: rest.length };
  await forEachPaced(rest, operator, pace, async (step) => {
    try {
      started.push(await replay(step, run, startOptionsOf(options)));
    } catch (error) {
      problems.push({ findingId: step.findingId, text: `${error instanceof Error ? error.message : error}` });
    }
  });
  await run.end({ replayed: started.length, problems: problems.length, before: run.completed.size });
  const results = options.wait === false ? [] : await executions.wait(started);
  const lines = [
    results.some(isRunning) ? `Began to replay ${started.length}.` : `Replayed ${started.length}.`,
    ...problemLines(problems.map(({ findingId, text }) => `${shortId(findingId)}: ${text}`)),
    ...executionResultLines(results),
  ];
  return resultOf(lines.join('\n'), {
    ...{ run: run.id, results },
    problems: problems.map(({ findingId, text }) => `${findingId}: ${text}`),
  });
}

const resultFrom = (report: ReplayReport, text: string, json = false): CommandResult => ({
  text: json ? JSON.stringify(report, null, 2) : text,
  failed: report.problems.length > 0 || report.results.some(isFailedExecution),
});

function selectionFrom(name: string | undefined, options: ReplayOptions): Record<string, unknown> {
  const { failed, error, again, early } = options;
  const filters = { ...selectionIn(options), error };
  if (name === undefined && !failed)
    throw new UsageError(
      'Name a finding, an execution or a resource, or give --failed: suture replay --failed --reason "…"',
    );
  if (name !== undefined && failed) throw new UsageError('Give a name or --failed, not both.');
  if (name !== undefined && isSelective(filters))
    throw new UsageError(
      'Filters such as --control and --since narrow down --failed: suture replay --failed --since 2h --reason "…"',
    );
  if (early && name === undefined)
    throw new UsageError('--early takes a finding, an execution or a resource: what failed does not wait.');
  return { name, ...filters, again, ...(early && { early }) };
}

async function planReplay(
  operator: Operator,
  executions: WorkflowExecutions,
  name: string | undefined,
  options: ReplayOptions,
): Promise<ReplayStep[]> {
  const { dynamoAccounts } = await import('../../functions/ledger/accounts.ts');
  const { executionToReplay, planReplayStep } = await import('../../functions/ledger/replay-step.ts');
  const { installedNames } = await import('../clients/installed-names.ts');
  const startOptions = startOptionsOf(options);
  const ids = await selectedIds(operator, name, options);
  const { caller, now } = operator;
  const accounts = dynamoAccounts(installedNames().ledgerTable, operator.dynamo);
  const facts = { caller, now, policy: await deployedPolicyOf(operator), accounts };
  const plan: ReplayStep[] = [];
  const pace = { perSecond: PLANS_PER_SECOND, doneText: 'looked at', total: ids.length };
  await forEachPaced(ids, operator, pace, async (id) => {
    const record = await operator.ledger.record(id);
    if (!record)
      throw new UsageError(`The ledger has only duplicates of ${plainText(id)}: there is nothing to replay.`);
    const execution = executionToReplay(record, await operator.ledger.history(id));
    plan.push(await planReplayStep(record, execution, startOptions, executions, facts));
  });
  return plan;
}

/** Reads the policy for the first finding that failed, and once. */
async function deployedPolicyOf(operator: Operator): Promise<() => Promise<SuturePolicy | undefined>> {
  const { SuturePolicy: schema } = await import('../../functions/domain/policy.ts');
  const { policyStoreAt } = await import('../clients/policy.ts');
  const read = async () => schema.safeParse((await (await policyStoreAt(operator.aws)).deployed())?.content).data;
  let policy: Promise<SuturePolicy | undefined> | undefined;
  return () => {
    policy ??= read();
    return policy;
  };
}

async function selectedIds(operator: Operator, name: string | undefined, options: ReplayOptions): Promise<string[]> {
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { selectFindings } = await import('../names/select-findings.ts');
  if (name !== undefined) return findingIdsNamed(operator, name);
  const filters = { status: 'failed', ...selectionIn(options), error: options.error };
  const ids: string[] = [];
  for await (const { findingId } of selectFindings(operator, filters)) ids.push(findingId);
  return ids;
}

const startOptionsOf = ({ again, early }: ReplayOptions): StartOptions => ({
  ...(again && { again }),
  ...(early && { early }),
});

/** The API plans again, and refuses if the finding changed in the meantime. */
const replay = ({ findingId: finding, how }: ReplayStep, run: OperatorRun, options: StartOptions): Promise<string> =>
  run.perform({ finding, how, options });
