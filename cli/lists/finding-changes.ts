/** Follows the changes of findings. */
import { STATUSES } from '../../functions/domain/ledger.ts';
import type { LedgerFilter, LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { isIndexed, listFindings } from '../clients/findings.ts';
import type { Operator } from '../clients/operator.ts';
import { pause } from '../clients/pause.ts';
import type { FindingSelection } from '../names/select-findings.ts';

/** An index of the ledger shows a change within a second; a list without a filter reads one page for each status. */
const POLL_MS = 5_000;
/** A change may become visible after one that is later. */
const OVERLAP_MS = 60_000;

/**
 * Yields changes after `known`, those of one poll together, the oldest first, until the operator's signal aborts.
 * @param known findings that were listed before
 */
export async function* changesSince(
  operator: Operator,
  { filter, isSelected }: FindingSelection,
  known: readonly LedgerListItem[],
): AsyncGenerator<LedgerListItem[]> {
  const begin = operator.now();
  const seen = new Set(known.map(changeKey));
  for (let from = begin; ; ) {
    const polledAt = operator.now();
    const since = new Date(from - OVERLAP_MS).toISOString();
    const changes: LedgerListItem[] = [];
    for await (const item of listSince(operator, filter, since))
      if (!seen.has(changeKey(item)) && Date.parse(item.changedAt) > begin - OVERLAP_MS && (await isSelected(item)))
        changes.push(item);
    for (const item of changes) seen.add(changeKey(item));
    if (changes.length > 0) yield changes.toSorted((a, b) => a.changedAt.localeCompare(b.changedAt));
    from = polledAt;
    if (!(await pause(operator, POLL_MS))) return;
  }
}

const changeKey = ({ findingId, changedAt }: LedgerListItem): string => `${findingId} ${changedAt}`;

/** Lists from the later of both starts. */
async function* listSince(operator: Operator, filter: LedgerFilter, since: string): AsyncGenerator<LedgerListItem> {
  const later = { ...filter, since: filter.since !== undefined && filter.since > since ? filter.since : since };
  if (isIndexed(filter)) return yield* listFindings(operator, later);
  for (const each of STATUSES) yield* listFindings(operator, { ...later, status: each });
}
