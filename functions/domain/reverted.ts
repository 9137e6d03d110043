/** Fixes that a deployment of the resource's owner has undone. Pure. */
import * as z from 'zod';
import { isEqual } from '../contract/is-equal.ts';
import { managedByStack, type StackClaim } from './managed.ts';

const DAY_MS = 24 * 3_600_000;
/** Fixes before count for this long. */
const REMEMBERED_MS = 30 * DAY_MS;
/** After this many fixes that deployments undid, the owner makes the change. */
export const MAX_REVERTED = 2;

/** `times`: fixes of the last thirty days that are undone now, this one included. */
export const Reverted = z.object({ by: z.string(), at: z.string(), times: z.int().positive() });
export type Reverted = z.infer<typeof Reverted>;

/** A change in the journal. */
type EarlierFix = { readonly at: string; readonly writtenAt?: number | undefined; readonly after?: unknown };

/**
 * Returns the deployment that undid the last fix: CloudFormation changed the resource after Suture did, and the resource
 * is no longer as Suture left it.
 * @param earlier fixes by other executions, the newest first
 */
export function revertedBy(
  earlier: readonly EarlierFix[],
  current: unknown,
  stack: StackClaim | undefined,
  now: number,
): Reverted | undefined {
  const [last] = earlier;
  if (!last || stack?.changedAt === undefined || isEqual(current, last.after)) return undefined;
  if (stack.changedAt <= madeAt(last)) return undefined;
  const times = earlier.filter((each) => now - madeAt(each) <= REMEMBERED_MS).length;
  if (times === 0) return undefined;
  return { by: managedByStack(stack).name, at: new Date(stack.changedAt).toISOString(), times };
}

const madeAt = ({ at, writtenAt }: EarlierFix): number => writtenAt ?? Date.parse(at);

export const revertedText = ({ by, at, times }: Reverted): string =>
  `reverted by a deployment of ${by} at ${at}${times > 1 ? `, after ${times} fixes` : ''}`;
