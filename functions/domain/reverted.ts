/** Fixes that a deployment of the resource's owner has undone. Pure. */
import * as z from 'zod';
import { isEqual } from '../contract/is-equal.ts';
import { managedByStack, type StackClaim } from './managed.ts';

const DAY_MS = 24 * 3_600_000;
/** Earlier fixes count for this long. */
const REMEMBERED_MS = 30 * DAY_MS;
/** After this many fixes that deployments undid, the owner makes the change. */
export const MAX_REVERTED = 2;

/**
 * `times`: fixes of the last thirty days that are undone now, this one included. `source`: absent if a stack of
 * CloudFormation deployed.
 */
export const Reverted = z.object({
  by: z.string(),
  at: z.string(),
  times: z.int().positive(),
  source: z.literal('CloudTrail').optional(),
});
export type Reverted = z.infer<typeof Reverted>;

/** A change in the journal. */
type EarlierFix = { readonly at: string; readonly writtenAt?: number | undefined; readonly after?: unknown };

/** A change of the resource by others than Suture, at a time in milliseconds. */
export type Undoing = { readonly by: string; readonly at: number; readonly source?: 'CloudTrail' };

export const deploymentOf = (stack: StackClaim | undefined): Undoing | undefined =>
  stack?.changedAt === undefined ? undefined : { by: managedByStack(stack).name, at: stack.changedAt };

/**
 * Returns the time of the last fix if the resource is no longer as Suture left it, and the fix still counts.
 * @param earlier fixes by other executions, the newest first
 */
export function undoneSince(earlier: readonly EarlierFix[], current: unknown, now: number): number | undefined {
  const [last] = earlier;
  return !last || isEqual(current, last.after) || countedFixes(earlier, now) === 0 ? undefined : fixedAt(last);
}

/** Returns the change that undid the last fix: it was made after the fix, and the fix does not hold. */
export function revertedBy(
  earlier: readonly EarlierFix[],
  current: unknown,
  undoing: Undoing | undefined,
  now: number,
): Reverted | undefined {
  const since = undoneSince(earlier, current, now);
  if (since === undefined || !undoing || undoing.at <= since) return undefined;
  return { ...undoing, at: new Date(undoing.at).toISOString(), times: countedFixes(earlier, now) };
}

const countedFixes = (earlier: readonly EarlierFix[], now: number): number =>
  earlier.filter((each) => now - fixedAt(each) <= REMEMBERED_MS).length;

const fixedAt = ({ at, writtenAt }: EarlierFix): number => writtenAt ?? Date.parse(at);

export const revertedText = ({ by, at, times, source }: Reverted): string =>
  `reverted by ${source ? `${by} at ${at}, whom CloudTrail names` : `a deployment of ${by} at ${at}`}${times > 1 ? `, after ${times} fixes` : ''}`;

/** Returns the end of a plan's summary about it. */
export const revertedNote = (reverted: Reverted | undefined): string => (reverted ? `; ${revertedText(reverted)}` : '');

/**
 * Returns the summary on which an approval depends. CloudTrail's answer is not part of it: it comes minutes late, may
 * fail, and names a later call the next time.
 */
export function lastingSummary(summary: string, reverted: Reverted | undefined): string {
  const note = reverted?.source ? revertedNote(reverted) : '';
  return note && summary.endsWith(note) ? summary.slice(0, -note.length) : summary;
}
