/** Findings of the ledger in memory, for the parts of commands that read lists. */
import type { Operator } from '../../cli/clients/operator.ts';
import { STATUSES } from '../../functions/domain/ledger.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { LedgerFilter, LedgerListItem, LedgerQueries } from '../../functions/ports/ledger-queries.ts';

export const LEDGER_NOW = Date.parse('2026-11-22T12:00:00Z');
const MACHINE = 'arn:aws:states:us-east-1:111111111111:stateMachine:suture-remediate-finding';

/** @param digits those of the finding's id */
export function ledgerItem(digits: string, more: Partial<LedgerListItem> = {}): LedgerListItem {
  const account = more.ofAccount ?? '333333333333';
  const control = more.ofControl ?? 'EC2.13';
  const lastExecution = `${MACHINE.replace(':stateMachine:', ':execution:')}:event-${digits}`;
  return {
    findingId: `arn:aws:securityhub:us-east-1:${account}:security-control/${control}/finding/${digits}`,
    ofStatus: 'FIXED',
    ofControl: control,
    ofAccount: account,
    ofResource: `arn:aws:ec2:us-east-1:${account}:security-group/sg-${digits.slice(0, 8)}`,
    region: 'us-east-1',
    severity: 'HIGH',
    changedAt: new Date(LEDGER_NOW - 60_000).toISOString(),
    reason: 'removed a rule',
    lastExecution,
    lastStarted: new Date(LEDGER_NOW - 120_000).toISOString(),
    receivedAt: new Date(LEDGER_NOW - 120_000).toISOString(),
    trace: hash(lastExecution),
    ...more,
  };
}

/**
 * Returns an operator whose ledger has these items. Its lists have pages of `pageSize` items, the newest change first, or
 * status by status without a filter.
 * @param accounts names by account id
 * @param earlier names of executions before the last one, by finding id
 */
export function ledgerOperator(
  items: readonly LedgerListItem[],
  pageSize = 2,
  accounts: Readonly<Record<string, string>> = {},
  earlier: Readonly<Record<string, readonly string[]>> = {},
) {
  const requests: LedgerFilter[] = [];
  const ledger: Partial<LedgerQueries> = {
    async list(filter, { next = '0', oldestFirst = false } = {}) {
      requests.push(filter);
      const matching = items.filter((item) => isListed(item, filter)).toSorted(byTime);
      if (oldestFirst) matching.reverse();
      const isSorted = [filter.status, filter.control, filter.account, filter.resource].some(Boolean);
      const all = isSorted ? matching : STATUSES.flatMap((each) => matching.filter((item) => item.ofStatus === each));
      const end = Number(next) + pageSize;
      return { items: all.slice(Number(next), end), ...(end < all.length && { next: String(end) }) };
    },
    record: async (id) => items.find(({ findingId }) => findingId === id) as never,
    history: async () => [],
    executionsOf: async (id) =>
      (earlier[id] ?? []).map((name) => `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`),
    byExecution: async (name) => {
      const item = items.find(({ lastExecution, trace }) => lastExecution === name || name.endsWith(trace));
      return item && { findingId: item.findingId };
    },
  };
  const operator = {
    ledger,
    dynamo: accountTable(accounts),
    now: () => LEDGER_NOW,
    stateMachineArn: MACHINE,
  } as unknown as Operator;
  return { operator, requests };
}

/** Answers reads of accounts' names. */
function accountTable(accounts: Readonly<Record<string, string>>) {
  const send = async ({ input }: { readonly input: { readonly Key: { readonly pk: { readonly S: string } } } }) => {
    const key = input.Key.pk.S;
    const id = Object.keys(accounts).find((each) => key.endsWith(each));
    if (!id) return { Item: { ids: { S: Object.keys(accounts).join(' ') } } };
    const texts = { name: accounts[id]!, status: 'ACTIVE', ouPath: '/', unitIds: 'r-1' };
    const Item = Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }]));
    return { Item: { ...Item, seenAt: { N: '0' } } };
  };
  return { send };
}

const byTime = (a: LedgerListItem, b: LedgerListItem) => b.changedAt.localeCompare(a.changedAt);

function isListed(item: LedgerListItem, filter: LedgerFilter): boolean {
  const { status, control, account, resource, mentions, since = '', until = '~', ...others } = filter;
  const wanted = { ofStatus: status, ofControl: control, ofAccount: account, ofResource: resource, ...others };
  const texts = [item.findingId, item.ofResource, item.lastExecution, item.trace];
  return (
    Object.entries(wanted).every(([name, value]) => value === undefined || Reflect.get(item, name) === value) &&
    (mentions === undefined || texts.some((text) => text?.includes(mentions))) &&
    item.changedAt >= since &&
    item.changedAt <= until
  );
}
