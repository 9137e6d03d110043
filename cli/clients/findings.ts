/** Findings in the ledger, by the filters of commands. */
import type { LedgerFilter, LedgerListItem, LedgerPaging } from '../../functions/ports/ledger-queries.ts';
import { UsageError } from '../errors/usage-error.ts';
import { parseSeverity, parseStatus } from '../options/status.ts';
import { parseTime } from '../options/time.ts';
import type { Operator } from './operator.ts';

export type FilterOptions = Omit<LedgerFilter, 'status' | 'suppression' | 'mentions'> & {
  readonly status?: string;
  /** Path of an organizational unit, which stands for its accounts and those of the units below it. */
  readonly ou?: string;
};

/** @throws UsageError if an option has a wrong form */
export function parseFilter(
  { status, since, until, severity, ou: _, ...rest }: FilterOptions,
  now: number,
): LedgerFilter {
  if (rest.account !== undefined && !/^\d{12}$/.test(rest.account))
    throw new UsageError(`--account takes the 12 digits of an account id, not "${rest.account}".`);
  return {
    ...rest,
    ...(status !== undefined && { status: parseStatus(status) }),
    ...(severity !== undefined && { severity: parseSeverity(severity) }),
    ...(since !== undefined && { since: parseTime(since, now, '--since') }),
    ...(until !== undefined && { until: parseTime(until, now, '--until') }),
  };
}

/** Yields the findings that match. Does not check whether the filter's values exist. */
export async function* listFindings(
  { ledger }: Pick<Operator, 'ledger'>,
  filter: LedgerFilter,
  paging: Omit<LedgerPaging, 'next'> = {},
): AsyncGenerator<LedgerListItem> {
  let next: string | undefined;
  do {
    const page = await ledger.list(filter, { ...paging, next });
    yield* page.items;
    next = page.next;
  } while (next !== undefined);
}

/** Returns true if one index has all findings of the filter, in order of time. Otherwise the ledger lists status by status. */
export const isIndexed = ({ control, account, resource, status }: LedgerFilter): boolean =>
  [control, account, resource, status].some((each) => each !== undefined);
