/** Findings in the ledger: the filters of commands, and the names by which people refer to a finding. */
import { type FindingStatus, STATUSES } from '../../functions/domain/ledger.ts';
import type { LedgerFilter, LedgerListItem, LedgerPaging } from '../../functions/ports/ledger-queries.ts';
import { UsageError } from '../errors/usage-error.ts';
import { parseTime } from '../options/time.ts';
import { executionArn, type Operator } from './operator.ts';

/** A filter as it is typed. */
export type FilterOptions = Omit<LedgerFilter, 'status'> & { readonly status?: string };

/** @throws UsageError when an option has a wrong form */
export function parseFilter({ status, since, until, ...same }: FilterOptions, now: number): LedgerFilter {
  if (same.account !== undefined && !/^\d{12}$/.test(same.account))
    throw new UsageError(`--account takes the 12 digits of an account id, not "${same.account}".`);
  return {
    ...same,
    ...(status !== undefined && { status: parseStatus(status) }),
    ...(since !== undefined && { since: parseTime(since, now, '--since') }),
    ...(until !== undefined && { until: parseTime(until, now, '--until') }),
  };
}

/** Takes `rolled-back` and `ROLLED_BACK`. */
export function parseStatus(text: string): FindingStatus {
  const upper = text.toUpperCase().replaceAll('-', '_');
  const status = STATUSES.find((each) => each === upper);
  if (status) return status;
  const names = STATUSES.map((each) => each.toLowerCase().replaceAll('_', '-')).join(', ');
  throw new UsageError(`There is no status "${text}". There are: ${names}.`);
}

/** Yields every finding that matches the filter, page after page. */
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

/**
 * Returns the ids of the findings that a name stands for: a finding's id, an execution (ARN, name, source identity or the id
 * of its approval) or a resource.
 * @throws UsageError when the ledger has no record under that name
 */
export async function findingIdsNamed(operator: Operator, name: string): Promise<string[]> {
  const { ledger } = operator;
  if (await ledger.record(name)) return [name];
  const execution = await ledger.byExecution(isExecutionName(name) ? executionArn(operator, name) : name);
  if (execution) return [execution.findingId];
  const idsOfResource: string[] = [];
  for await (const { findingId } of listFindings(operator, { resource: name })) idsOfResource.push(findingId);
  if (idsOfResource.length > 0) return idsOfResource;
  if ((await ledger.history(name)).length > 0) return [name];
  throw new UsageError(
    `The ledger knows no finding, execution or resource "${name}". Give a finding's id, an execution's ARN or name, or a resource's id, whole. A finding that no rule lets through leaves no record: suture simulate tells why.`,
  );
}

/** Neither an ARN nor the 32 digits of a source identity. */
const isExecutionName = (name: string): boolean => /^[\w-]{1,80}$/.test(name) && !/^(suture-)?[0-9a-f]{32}$/.test(name);
