/** Verification: reads the resource again until the change shows. */
import { commandToReplay, SutureError } from '../contract/errors.ts';
import { isEqual } from '../contract/is-equal.ts';
import { isRefusal } from '../contract/remediation.ts';
import type { JournalEntry } from '../domain/journal.ts';
import { type EngineResult, type EngineRun, shownState, shownText } from './run.ts';

/** A change must show within this time if the module does not say otherwise: AWS is eventually consistent. */
const SETTLE_SECONDS = 60;
/** Within one invocation, before the workflow retries. */
export const READ_PAUSES_MS = [500, 1_500];

/**
 * Reads the resource until it is as wanted, and closes the entry.
 * @throws SutureError ChangePending while the change may still show, ChangeNotVerified afterwards
 */
export async function verify(run: EngineRun, entry: JournalEntry): Promise<EngineResult> {
  const { module, deps, context } = run;
  let observed: unknown;
  for (const pause of [...READ_PAUSES_MS, undefined]) {
    observed = await module.read(context);
    if (observed === undefined) return closeEntry(run, entry, undefined);
    const wanted = module.want(observed, context);
    if (!isRefusal(wanted) && isEqual(observed, wanted)) return closeEntry(run, entry, observed);
    if (pause !== undefined) await deps.sleep(pause);
  }
  throwWhilePending(run, entry);
  // The change did not hold. The next run plans again, with the original `before`.
  await deps.journal.mark(entry, 'open');
  throw new SutureError(
    'ChangeNotVerified',
    `The change was made, but ${settleSecondsOf(run)} s later the resource is ${shownText(run, observed)}, not ` +
      `${shownText(run, entry.after)}. Something undoes it (a stack, a pipeline, a person): find it in CloudTrail, then replay it: ${commandToReplay('ChangeNotVerified')}`,
  );
}

/** @throws SutureError ChangePending until the resource should show what was written */
export function throwWhilePending(run: EngineRun, { writtenAt }: JournalEntry): void {
  const now = run.deps.now();
  const secondsLeft = Math.ceil(((writtenAt ?? now) - now) / 1000) + settleSecondsOf(run);
  if (secondsLeft > 0)
    throw new SutureError(
      'ChangePending',
      `The change does not show yet; it has ${secondsLeft} s left. The workflow verifies it again.`,
    );
}

const settleSecondsOf = ({ module }: EngineRun): number => module.settleSeconds ?? SETTLE_SECONDS;

/** Closes the journal's entry of a change that holds. `observed` is undefined if the resource is gone. */
export async function closeEntry(run: EngineRun, entry: JournalEntry, observed: unknown): Promise<EngineResult> {
  const done: JournalEntry = { ...entry, after: observed ?? entry.after, status: 'done' };
  await run.deps.journal.put(done);
  return fixedResult(run, done);
}

export const fixedResult = (
  run: EngineRun,
  { before, after, note, managedBy, patch, reverted }: JournalEntry,
): EngineResult => ({
  kind: 'fixed',
  before: shownState(run, before),
  after: shownState(run, after),
  summary: run.module.summary(before, after) + note,
  version: run.version,
  ...(managedBy && { managedBy }),
  ...(patch && { patch }),
  ...(reverted && { reverted }),
});
