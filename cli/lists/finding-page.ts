/**
 * Pages of findings. A page ends with a cursor that a person can read and paste: the time of its last change, the first
 * digits of its last finding and, if the list goes status by status, the status.
 */
import { type FindingStatus, STATUSES } from '../../functions/domain/ledger.ts';
import type { LedgerFilter, LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { isIndexed, listFindings } from '../clients/findings.ts';
import type { Operator } from '../clients/operator.ts';
import { UsageError } from '../errors/usage-error.ts';
import { ownDigits, SHORT_ID_DIGITS } from '../names/short-names.ts';
import { parseStatus } from '../options/status.ts';
import { statusName } from '../output/finding-status.ts';

export type FindingPage = {
  readonly findings: readonly LedgerListItem[];
  /** The cursor of the next page, if there is one. */
  readonly next?: string;
};

type Cursor = { readonly at: string; readonly digits: string; readonly status: FindingStatus };

export type PageRequest = {
  readonly limit: number;
  readonly oldestFirst?: boolean;
  /** The cursor of the page before. */
  readonly after?: string;
  readonly isSelected: (item: LedgerListItem) => Promise<boolean>;
};

/** @throws UsageError if the cursor is not one that a page ended with */
export async function findingPage(
  operator: Pick<Operator, 'ledger'>,
  filter: LedgerFilter,
  { limit, oldestFirst, after, isSelected }: PageRequest,
): Promise<FindingPage> {
  const cursor = after === undefined ? undefined : parseCursor(after);
  const findings: LedgerListItem[] = [];
  for await (const item of itemsAfter(operator, filter, cursor, oldestFirst)) {
    if (!(await isSelected(item))) continue;
    if (findings.length === limit) return { findings, next: cursorAt(findings.at(-1)!) };
    findings.push(item);
  }
  return { findings };
}

const cursorAt = ({ changedAt, findingId, ofStatus }: LedgerListItem): string =>
  [changedAt, ownDigits(findingId).slice(0, SHORT_ID_DIGITS), statusName(ofStatus)].join(',');

function parseCursor(text: string): Cursor {
  const [at = '', digits = '', status = ''] = text.split(',');
  if (Number.isNaN(Date.parse(at)) || digits === '' || status === '')
    throw new UsageError(`--after takes what the page before printed, not "${text}".`);
  return { at, digits, status: parseStatus(status) };
}

/** Items with the cursor's time may be before or after it, so they are read again and left out up to its finding. */
async function* itemsAfter(
  operator: Pick<Operator, 'ledger'>,
  filter: LedgerFilter,
  cursor: Cursor | undefined,
  oldestFirst = false,
): AsyncGenerator<LedgerListItem> {
  if (!cursor) return yield* listFindings(operator, filter, { oldestFirst });
  const bound = oldestFirst ? { since: cursor.at } : { until: cursor.at };
  if (isIndexed(filter)) return yield* withoutSeen(operator, { ...filter, ...bound }, cursor, oldestFirst);
  yield* withoutSeen(operator, { ...filter, ...bound, status: cursor.status }, cursor, oldestFirst);
  for (const later of STATUSES.slice(STATUSES.indexOf(cursor.status) + 1))
    yield* listFindings(operator, { ...filter, status: later }, { oldestFirst });
}

async function* withoutSeen(
  operator: Pick<Operator, 'ledger'>,
  filter: LedgerFilter,
  { at, digits }: Cursor,
  oldestFirst: boolean,
): AsyncGenerator<LedgerListItem> {
  const ofThatTime: LedgerListItem[] = [];
  let hasPassed = false;
  for await (const item of listFindings(operator, filter, { oldestFirst })) {
    if (item.changedAt === at) {
      ofThatTime.push(item);
      continue;
    }
    if (!hasPassed) yield* afterFinding(ofThatTime, digits);
    hasPassed = true;
    yield item;
  }
  if (!hasPassed) yield* afterFinding(ofThatTime, digits);
}

/** Returns the items after the finding. If it has changed since, returns all: one may be listed twice, but none is lost. */
function afterFinding(items: readonly LedgerListItem[], digits: string): readonly LedgerListItem[] {
  return items.slice(items.findIndex(({ findingId }) => ownDigits(findingId).startsWith(digits)) + 1);
}
