/**
 * Items of runs that start executions. The person who signed asks: the API writes that into the input, and no sender
 * can.
 */
import { BackfillItem, EventReplayItem, ReplayItem, RollbackItem } from '../domain/api-runs.ts';
import { eventReplayName } from '../domain/operations.ts';
import type { RollbackOrder, StartOptions } from '../domain/start-options.ts';
import { hash } from '../domain/trace.ts';
import type { ExecutionStarter } from '../ports/workflow-executions.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { activeRun, isoNow, type RunDeps, recordWork } from './runs.ts';

/** How a finding is replayed: by a redrive of its execution, by a new one, or not at all. */
export type PlannedReplay = {
  readonly how: 'redrive' | 'start' | 'leave';
  readonly why: string;
  readonly execution: string;
  readonly input?: object;
};

export type ItemDeps = RunDeps & {
  readonly executions: ExecutionStarter;
  /** Returns undefined if the ledger has no record of the finding. */
  readonly planReplay: (
    finding: string,
    options: StartOptions,
    actor: string,
    /** `maxPolicyAgeMs`: reads a policy again that it has cached for longer. */
    freshness?: { readonly maxPolicyAgeMs: number },
  ) => Promise<PlannedReplay | undefined>;
  /** Reads them from Security Hub, by their ids. */
  readonly findings: (ids: readonly string[]) => Promise<readonly { readonly Id?: string }[]>;
  readonly startEventReplay: (name: string, from: string, to: string, reason: string) => Promise<string>;
  readonly home: { readonly account: string; readonly region: string };
};

/** Plans again, because the person saw the plan a while ago, and the execution's input must not come from a person. */
export const replayItem: ApiAction<ItemDeps> = async (request, actor, deps) => {
  const { startedAt, finding, how, options } = parseBody(ReplayItem, request);
  const run = await activeRun('replays', request.pathParameters?.run, startedAt, actor, deps);
  const planned = await deps.planReplay(finding, options, actor);
  // The person may have seen a plan by a policy that is newer than the cached one.
  const plan =
    planned && planned.how !== how ? await deps.planReplay(finding, options, actor, { maxPolicyAgeMs: 1000 }) : planned;
  if (!plan) throw new Refused(404, `The ledger has no record of ${finding}: there is nothing to replay.`);
  if (plan.how !== how)
    throw new Refused(
      409,
      `${finding} changed in the meantime: ${plan.how === 'redrive' ? 'continue' : plan.how}, because ${plan.why}. Look at the plan again.`,
    );
  const result = await recordWork(run, finding, actor, deps, async () => {
    if (how === 'start') return deps.executions.start(`replay-${run.run}-${hash(finding)}`, plan.input!);
    await deps.runs.recordRedrive(run, plan.execution, actor, isoNow(deps));
    await deps.executions.redrive(plan.execution, run.run);
    return plan.execution;
  });
  return { result };
};

export const rollbackItem: ApiAction<ItemDeps> = async (request, actor, deps) => {
  const { startedAt, finding, execution, started, force } = parseBody(RollbackItem, request);
  const run = await activeRun('rollbacks', request.pathParameters?.run, startedAt, actor, deps);
  const order: RollbackOrder = {
    askedBy: actor,
    rollback: { finding, execution, started, ...(force && { force }) },
  };
  const name = `rollback-${run.run}-${hash(finding)}`;
  return { result: await recordWork(run, finding, actor, deps, () => deps.executions.start(name, order)) };
};

export const backfillItem: ApiAction<ItemDeps> = async (request, actor, deps) => {
  const { startedAt, findings: ids, apply } = parseBody(BackfillItem, request);
  const run = await activeRun('backfills', request.pathParameters?.run, startedAt, actor, deps);
  const found = new Map((await deps.findings(ids)).map((finding) => [finding.Id, finding]));
  const results: Record<string, string> = {};
  const problems: string[] = [];
  for (const id of ids) {
    const finding = found.get(id);
    if (!finding) {
      problems.push(`${id}: Security Hub has no such finding any more`);
      continue;
    }
    const name = `backfill-${run.run}-${hash(id)}`;
    const event = eventOf(finding, name, actor, apply, deps);
    try {
      results[id] = await recordWork(run, id, actor, deps, () => deps.executions.start(name, event));
    } catch (error) {
      problems.push(`${id}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { results, problems };
};

/** Returns the event with which a rule would start the execution, with requester and options. */
const eventOf = (
  finding: object,
  id: string,
  askedBy: string,
  apply: boolean,
  { home, ...deps }: ItemDeps,
): object => ({
  id,
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  ...home,
  time: isoNow(deps),
  resources: [],
  askedBy,
  ...(!apply && { startOptions: { mode: 'plan' } satisfies StartOptions }),
  detail: { findings: [finding] },
});

export const eventReplayItem: ApiAction<ItemDeps> = async (request, actor, deps) => {
  const { startedAt, from, to } = parseBody(EventReplayItem, request);
  const run = await activeRun('event-replays', request.pathParameters?.run, startedAt, actor, deps);
  if (from >= to) throw new Refused(400, `from (${from}) must be before to (${to}).`);
  const name = eventReplayName(deps.installation, run.run);
  const result = await recordWork(run, name, actor, deps, () => deps.startEventReplay(name, from, to, run.reason));
  return { result };
};
