import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { noFailures } from './end-conditions.ts';
import { allEnds, type IncidentEnd } from './incident-end.ts';
import { type IncidentLab, type RoleAt, SHOP } from './incident-lab.ts';
import { lockKey } from './resources.ts';

/** Denies a role an action for longer than the workflow retries, so that a finding fails. */
export async function failingFinding(lab: IncidentLab, role: RoleAt, action: string): Promise<IncidentEnd> {
  const end = await lab.deny(role, action);
  const [trace] = await lab.processFor(2.5 * HOUR_MS, await lab.arrange('EC2.13'));
  const error = trace!.execution?.error?.name;
  if (!error) throw new Error(`The finding did not fail: ${trace!.reason}`);
  return allEnds(end, noFailures(lab, error));
}

/**
 * Lets an execution fail because a key is locked, and advances the clock by `ms`. Returns `end`, which does not depend on
 * the key, with a `resolve` that unlocks the key too.
 */
export async function failWithLockedKey(
  lab: IncidentLab,
  ms: number,
  end: IncidentEnd,
  account: string = SHOP,
): Promise<IncidentEnd> {
  const finding = await lab.arrange('KMS.4', { account });
  const lock = await lockKey(lab, finding, 'kms:EnableKeyRotation');
  await lab.processFor(ms, finding);
  return { isOver: end.isOver, resolve: allEnds(end, lock, noFailures(lab, 'MemberAccessDenied')).resolve };
}
