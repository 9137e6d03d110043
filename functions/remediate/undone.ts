/** Finds out who undid the last fix: the stack that has the resource, or the caller that CloudTrail names. */
import type { JournalEntry } from '../domain/journal.ts';
import type { Management, StackClaim } from '../domain/managed.ts';
import { deploymentOf, type Reverted, revertedBy, undoneSince } from '../domain/reverted.ts';
import { lastPart } from '../domain/stack-identity.ts';
import { asksForWrites, globalEventsRegion } from '../domain/write-question.ts';
import type { EngineRun } from './run.ts';

type Managers = { readonly managers: readonly Management[]; readonly stack: StackClaim | undefined };

/**
 * Returns the change that undid the last fix. Asks CloudTrail only if, by the resource's tags, code other than
 * CloudFormation manages it.
 */
export async function revertedOf(
  { module, request, deps, arn }: EngineRun,
  { earlier, before }: { readonly earlier: readonly JournalEntry[]; readonly before: unknown },
  { managers, stack }: Managers,
): Promise<Reverted | undefined> {
  const now = deps.now();
  const byStack = revertedBy(earlier, before, deploymentOf(stack), now);
  const since = undoneSince(earlier, before, now);
  if (byStack || since === undefined || !asksForWrites(module, request)) return byStack;
  if (!managers.some(({ manager }) => manager !== 'cloudformation')) return undefined;
  const { partition, region } = request.finding;
  const ownRegion = arn.split(':')[3] || (module.global ? globalEventsRegion(partition) : region);
  const write = await deps.findWrite({ names: [lastPart(arn), arn], region: ownRegion, since });
  return revertedBy(earlier, before, write, now);
}
