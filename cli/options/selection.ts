/** Which findings are meant: the filters of commands, and the names by which people call one finding. */

import { type FindingStatus, STATUSES } from '../../functions/domain/ledger.ts';
import type { Filter, Listed, Paging } from '../../functions/ledger/ledger-queries.ts';
import { executionArn, type Operator } from '../clients/operator.ts';
import { UsageError } from '../errors/usage-error.ts';

/** As they are typed. */
export type FilterOptions = Omit<Filter, 'status'> & { readonly status?: string };

export function filterOf({ status, since, until, ...same }: FilterOptions, now: number): Filter {
  if (same.account !== undefined && !/^\d{12}$/.test(same.account))
    throw new UsageError(`--account takes the 12 digits of an account id, not "${same.account}".`);
  return {
    ...same,
    ...(status !== undefined && { status: statusOf(status) }),
    ...(since !== undefined && { since: timeOf(since, now, '--since') }),
    ...(until !== undefined && { until: timeOf(until, now, '--until') }),
  };
}

export function statusOf(text: string): FindingStatus {
  const status = text.toUpperCase().replaceAll('-', '_');
  const found = STATUSES.find((each) => each === status);
  if (found) return found;
  const names = STATUSES.map((each) => each.toLowerCase().replaceAll('_', '-')).join(', ');
  throw new UsageError(`There is no status "${text}". There are: ${names}.`);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in ISO 8601, from `90m`, `2h`, `7d` (ago), a day or a time. */
export function timeOf(text: string, now: number, option: string): string {
  const ago = /^(?<count>\d{1,5})(?<unit>[mhd])$/.exec(text)?.groups;
  if (ago) return new Date(now - Number(ago.count) * UNITS[ago.unit!]!).toISOString();
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new UsageError(`${option} takes 90m, 2h, 7d, a day (2026-11-22) or a time (2026-11-22T03:00Z), not "${text}".`);
}

/** Everything that the filter lets through, page after page. */
export async function* all(
  { ledger }: Pick<Operator, 'ledger'>,
  filter: Filter,
  paging: Omit<Paging, 'next'> = {},
): AsyncGenerator<Listed> {
  let next: string | undefined;
  do {
    const page = await ledger.list(filter, { ...paging, next });
    yield* page.items;
    next = page.next;
  } while (next !== undefined);
}

/**
 * The ids of the findings that a name stands for: a finding's id, an execution (ARN, name, source identity or the id of its
 * approval) or a resource.
 * @throws UsageError where the ledger knows nothing of that name
 */
export async function findingsNamed(operator: Operator, name: string): Promise<string[]> {
  const { ledger } = operator;
  if (await ledger.record(name)) return [name];
  const execution = await ledger.byExecution(isExecutionName(name) ? executionArn(operator, name) : name);
  if (execution) return [execution.findingId];
  const ofResource: string[] = [];
  for await (const { findingId } of all(operator, { resource: name })) ofResource.push(findingId);
  if (ofResource.length > 0) return ofResource;
  if ((await ledger.history(name)).length > 0) return [name];
  throw new UsageError(
    `The ledger knows no finding, execution or resource "${name}". Give a finding's id, an execution's ARN or name, or a resource's id, whole. What no rule lets through leaves no record: suture simulate tells why.`,
  );
}

/** Neither an ARN nor the 32 digits of a source identity. */
const isExecutionName = (name: string): boolean => /^[\w-]{1,80}$/.test(name) && !/^(suture-)?[0-9a-f]{32}$/.test(name);
