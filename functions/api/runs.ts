/** Runs: each has a line in the audit trail, and each of its items one before its work begins. */
import { randomBytes } from 'node:crypto';
import {
  type BeginRunReply,
  BeginRunRequest,
  EndRunRequest,
  RUN_KINDS,
  RunId,
  type RunKind,
} from '../domain/api-runs.ts';
import type { InstallationId } from '../domain/names.ts';
import { isSamePerson } from '../domain/same-person.ts';
import type { OperatorRuns, StoredRun } from '../ports/operator-runs.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';

export type RunDeps = {
  readonly installation: InstallationId;
  readonly runs: OperatorRuns;
  readonly now: () => number;
};

export const isoNow = ({ now }: Pick<RunDeps, 'now'>): string => new Date(now()).toISOString();

/** Begins a run, or continues this person's interrupted one with the same action and selection. */
export const beginAction =
  (kind: RunKind): ApiAction<RunDeps> =>
  async (request, actor, deps) => {
    const { reason, selection } = parseBody(BeginRunRequest, request);
    const action = RUN_KINDS[kind];
    const interrupted = (await deps.runs.recent()).find(
      (run) => isSamePerson(run.by, actor) && isInterrupted(run, action, selection),
    );
    const at = isoNow(deps);
    const run = interrupted ?? { run: randomBytes(6).toString('hex'), action, at, by: actor, reason, selection };
    if (!interrupted) await deps.runs.begin(run);
    const completed = interrupted ? await deps.runs.completed(run.run) : {};
    return {
      run: run.run,
      startedAt: run.at,
      isContinued: interrupted !== undefined,
      completed,
    } satisfies BeginRunReply;
  };

const isInterrupted = (run: StoredRun, action: string, selection: object): boolean =>
  run.endedAt === undefined && run.action === action && selectionText(run.selection) === selectionText(selection);

/** Returns the same text for selections whose keys differ in order only. */
const selectionText = (selection: object): string =>
  JSON.stringify(Object.entries(selection).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** @throws Refused if this kind has no such run, or it has ended, or somebody else began it */
export async function activeRun(
  kind: RunKind,
  id: string | undefined,
  startedAt: string,
  actor: string,
  { runs }: Pick<RunDeps, 'runs'>,
): Promise<StoredRun> {
  const run = RunId.safeParse(id).success ? await runs.find(id!, startedAt) : undefined;
  if (!run || run.action !== RUN_KINDS[kind])
    throw new Refused(404, `There is no run ${id} of ${startedAt} among the ${kind}. Begin one.`);
  if (!isSamePerson(run.by, actor)) throw new Refused(403, `${run.by} began the run ${id}. Begin one of your own.`);
  if (run.endedAt !== undefined) throw new Refused(409, `The run ${id} ended at ${run.endedAt}. Begin another one.`);
  return run;
}

/**
 * Does the item's work between two writes to the audit trail, and returns its result. Fails if the run has one for the
 * item.
 */
export async function recordWork(
  run: StoredRun,
  item: string,
  actor: string,
  deps: RunDeps,
  work: () => Promise<string>,
): Promise<string> {
  await deps.runs.recordItem(run, item, actor, isoNow(deps));
  const result = await work();
  await deps.runs.recordResult(run, item, result);
  return result;
}

export const endAction =
  (kind: RunKind): ApiAction<RunDeps> =>
  async (request, actor, deps) => {
    const { startedAt, counts } = parseBody(EndRunRequest, request);
    const run = await activeRun(kind, request.pathParameters?.run, startedAt, actor, deps);
    await deps.runs.end(run, actor, isoNow(deps), counts);
    return {};
  };
