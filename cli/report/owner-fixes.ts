/**
 * Counts findings that Suture left as they were and that pass now: their owners, or somebody else in the account, fixed
 * them. The ledger does not record this, so Security Hub has to say it.
 */
import type { FindingStatus } from '../../functions/domain/ledger.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { listFindings } from '../clients/findings.ts';
import type { Operator } from '../clients/operator.ts';
import { passingFindings } from '../clients/security-hub.ts';

/** Statuses in which the last execution may have left the resource as it was. */
const LEFT_STATUSES: readonly FindingStatus[] = ['WAITING', 'FAILED', 'REFUSED', 'NOTIFIED', 'PLANNED', 'ROLLED_BACK'];
const MAY_HAVE_WRITTEN: ReadonlySet<FindingStatus> = new Set(['FAILED', 'REFUSED']);

/**
 * Returns the number of those findings by control.
 * @param range the time in which Suture left them, in ISO 8601
 */
export async function countOwnerFixes(
  operator: Operator,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Record<string, number>> {
  const controls = new Map<string, string>();
  for (const status of LEFT_STATUSES)
    for await (const item of listFindings(operator, { status, since: from, until: to }))
      if (await isUnchanged(operator, item)) controls.set(item.findingId, item.ofControl ?? '-');
  const counts: Record<string, number> = {};
  for await (const { Id } of passingFindings(operator, [...controls.keys()])) {
    const control = controls.get(Id ?? '');
    if (control === undefined) continue;
    counts[control] = (counts[control] ?? 0) + 1;
    controls.delete(Id!);
  }
  return counts;
}

/** Returns false if a failed or refused execution might have written a part of the fix. */
async function isUnchanged({ ledger }: Operator, { findingId, ofStatus }: LedgerListItem): Promise<boolean> {
  if (!MAY_HAVE_WRITTEN.has(ofStatus)) return true;
  const { work, result } = (await ledger.record(findingId))?.job ?? {};
  if (ofStatus === 'FAILED') return work?.mode !== 'apply' && work?.mode !== 'rollback';
  return !(result && 'version' in result);
}
