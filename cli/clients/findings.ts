/** Findings in the ledger: the filters of commands, and the names by which people refer to a finding. */
import { type FindingStatus, STATUSES } from '../../functions/domain/ledger.ts';
import type { LedgerFilter, LedgerListItem, LedgerPaging } from '../../functions/ports/ledger-queries.ts';
import { UsageError } from '../errors/usage-error.ts';
import { parseTime } from '../options/time.ts';
import { executionArn, type Operator } from './operator.ts';

export type FilterOptions = Omit<LedgerFilter, 'status'> & { readonly status?: string };

/** @throws UsageError if an option has a wrong form */
export function parseFilter({ status, since, until, ...rest }: FilterOptions, now: number): LedgerFilter {
  if (rest.account !== undefined && !/^\d{12}$/.test(rest.account))
    throw new UsageError(`--account takes the 12 digits of an account id, not "${rest.account}".`);
  return {
    ...rest,
    ...(status !== undefined && { status: parseStatus(status) }),
    ...(since !== undefined && { since: parseTime(since, now, '--since') }),
    ...(until !== undefined && { until: parseTime(until, now, '--until') }),
  };
}

export function parseStatus(text: string): FindingStatus {
  const upper = text.toUpperCase().replaceAll('-', '_');
  const status = STATUSES.find((each) => each === upper);
  if (status) return status;
  const names = STATUSES.map((each) => each.toLowerCase().replaceAll('_', '-')).join(', ');
  throw new UsageError(`There is no status "${text}". There are: ${names}.`);
}

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
 * Returns the ids of the findings that a name stands for: a finding's id, an execution (ARN, name, source identity or
 * its approval's id) or a resource.
 * @throws UsageError if the ledger has no record under that name
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
    `The ledger has no finding, execution or resource "${name}". Give the whole id of a finding or a resource, or an execution's ARN or name. A finding that no rule matches leaves no record; suture simulate explains it.`,
  );
}

/** Excludes ARNs and the 32 digits of a source identity. */
const isExecutionName = (name: string): boolean => /^[\w-]{1,80}$/.test(name) && !/^(suture-)?[0-9a-f]{32}$/.test(name);
