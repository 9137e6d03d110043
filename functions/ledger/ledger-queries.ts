/** Reads the ledger for operators: by its indexes, never by a scan. Needs dynamodb:GetItem and Query on table and indexes. */
import { type DynamoDBClient, GetItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { Job } from '../domain/job.ts';
import {
  Ending,
  Failure,
  type FindingStatus,
  findingKey,
  HISTORY,
  INDEXES,
  type IndexKey,
  LedgerStatus,
  RECORD,
  STATUSES,
  statisticsKey,
} from '../domain/ledger.ts';
import { hash } from '../domain/trace.ts';
import { dynamoDb } from './dynamodb.ts';
import { type Item, key } from './ledger-items.ts';
import { AFTER } from './statistics.ts';

/** Where a finding stands, as lists show it. */
export type Listed = LedgerStatus & { readonly findingId: string };
/** The same with the case of its last execution, so far as that got. */
export type Recorded = Listed & {
  readonly job: Job;
  /** Times that it was taken back to NEW since its last fix, and when it was last. */
  readonly reopened: number;
  readonly reopenedAt?: string;
  /** Until then (milliseconds since 1970) other executions are duplicates; how many failed on it since it was last closed. */
  readonly blockedUntil: number;
  readonly attempts: number;
};
/** How one execution ended. */
export type Line = {
  readonly findingId: string;
  readonly outcome: Ending;
  /** ISO 8601. */
  readonly at: string;
  readonly job: Job;
  readonly failure?: Failure;
};

/** One at least of status, control, account and resource is quick; others narrow down what its index answers. */
export type Filter = {
  readonly status?: FindingStatus;
  readonly control?: string;
  readonly account?: string;
  readonly resource?: string;
  readonly remediation?: string;
  readonly error?: string;
  /** ISO 8601: changed at or after, and before. */
  readonly since?: string;
  readonly until?: string;
};
/** `next` asks for the following page. A page may hold fewer than asked for, even none, and not be the last. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string };
export type Paging = { readonly next?: string; readonly limit?: number; readonly oldestFirst?: boolean };

export type DayStatistics = {
  /** `2026-11-22`, UTC. */
  readonly day: string;
  /** `-` where findings named none. */
  readonly account: string;
  readonly control: string;
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  /** Fixes by the bucket of the time from the finding's arrival to the verified fix: see `durations.ts`. */
  readonly durations: Readonly<Record<number, number>>;
};

export type LedgerQueries = {
  /** The newest change first. Without any filter, status after status. */
  list(filter: Filter, paging?: Paging): Promise<Page<Listed>>;
  /** How many stand so, by one counting query a megabyte of index. */
  count(filter: Filter & { readonly status: FindingStatus }): Promise<number>;
  record(findingId: string): Promise<Recorded | undefined>;
  /** The oldest first. */
  history(findingId: string): Promise<Line[]>;
  /** By the execution's ARN, its source identity, or the 32 digits of it (an approval's id). */
  byExecution(name: string): Promise<{ readonly findingId: string; readonly line?: Line } | undefined>;
  /** All accounts and controls of these days. */
  statistics(days: readonly string[]): Promise<DayStatistics[]>;
};

export function ledgerQueries(table: string, client: DynamoDBClient = dynamoDb()): LedgerQueries {
  const query = (input: Omit<QueryCommandInput, 'TableName'>) =>
    client.send(new QueryCommand({ TableName: table, ...input }));

  async function all(input: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> {
    const items: Item[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await query({ ...input, ExclusiveStartKey });
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  }

  async function listPage(filter: Filter, { next, limit, oldestFirst }: Paging): Promise<Page<Listed>> {
    const { Items = [], LastEvaluatedKey } = await query({
      ...searching(filter),
      Limit: limit,
      ScanIndexForward: oldestFirst ?? false,
      ExclusiveStartKey: next === undefined ? undefined : decoded(next),
    });
    return { items: Items.map(listedIn), next: LastEvaluatedKey && encoded(LastEvaluatedKey) };
  }

  return {
    async list(filter, paging = {}) {
      if (indexFor(filter)) return listPage(filter, paging);
      const [status, next] = statusOf(paging.next);
      const page = await listPage({ ...filter, status }, { ...paging, next });
      const following = STATUSES[STATUSES.indexOf(status) + 1];
      if (page.next !== undefined) return { ...page, next: `${status} ${page.next}` };
      return { items: page.items, next: following && `${following} ` };
    },

    async count(filter) {
      let count = 0;
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = await query({ ...searching(filter), Select: 'COUNT', ExclusiveStartKey });
        count += page.Count ?? 0;
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return count;
    },

    async record(findingId) {
      const Key = key(findingKey(findingId), RECORD);
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item && recordedIn(Item);
    },

    async history(findingId) {
      const lines = await all({
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :history)',
        ExpressionAttributeValues: { ':pk': { S: findingKey(findingId) }, ':history': { S: HISTORY } },
        ConsistentRead: true,
      });
      return lines.map(lineIn);
    },

    async byExecution(name) {
      const found = await all({
        IndexName: INDEXES.trace.name,
        KeyConditionExpression: 'trace = :trace',
        ExpressionAttributeValues: { ':trace': { S: traceIn(name) } },
      });
      const { pk, sk } = found.find((item) => item.sk!.S!.startsWith(HISTORY)) ?? found[0] ?? {};
      if (!pk?.S || !sk?.S) return undefined;
      const findingId = pk.S.slice(findingKey('').length);
      if (sk.S === RECORD) return { findingId };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key(pk.S, sk.S) }));
      return { findingId, line: Item && lineIn(Item) };
    },

    async statistics(days) {
      const items = await Promise.all(
        days.map((day) =>
          all({
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: statisticsKey(day) } },
          }),
        ),
      );
      return items.flat().map(statisticsIn);
    },
  };
}

/** The most selective index for a filter. */
const indexFor = ({ resource, control, account, status }: Filter): readonly [IndexKey, string] | undefined => {
  if (resource !== undefined) return ['ofResource', resource];
  if (control !== undefined) return ['ofControl', control];
  if (account !== undefined) return ['ofAccount', account];
  return status === undefined ? undefined : ['ofStatus', status];
};

function searching(filter: Filter) {
  const [index, value] = indexFor(filter)!;
  const others = {
    ofStatus: filter.status,
    ofControl: filter.control,
    ofAccount: filter.account,
    ofResource: filter.resource,
  };
  const equal = Object.entries({ ...others, remediation: filter.remediation, error: filter.error }).filter(
    ([name, wanted]) => name !== index && wanted !== undefined,
  );
  const { since = '', until = '~' } = filter;
  return {
    IndexName: INDEXES[index].name,
    // `~` sorts behind every date; BETWEEN has no open end.
    KeyConditionExpression: '#index = :index AND changedAt BETWEEN :since AND :until',
    FilterExpression: equal.length > 0 ? equal.map(([name]) => `#${name} = :${name}`).join(' AND ') : undefined,
    ExpressionAttributeNames: {
      '#index': index,
      ...Object.fromEntries(equal.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':index': { S: value },
      ':since': { S: since || '0' },
      ':until': { S: until },
      ...Object.fromEntries(equal.map(([name, wanted]) => [`:${name}`, { S: wanted! }])),
    },
  };
}

/** Of a token of a list without filters: `FAILED <token>`. */
function statusOf(next: string | undefined): readonly [FindingStatus, string | undefined] {
  const [status, token] = (next ?? '').split(' ');
  const known = STATUSES.find((each) => each === status);
  return [known ?? STATUSES[0], token || undefined];
}

const encoded = (keys: Item): string => Buffer.from(JSON.stringify(keys)).toString('base64url');
const decoded = (token: string): Item => JSON.parse(Buffer.from(token, 'base64url').toString());

const traceIn = (name: string): string => /(?:^|^suture-)([0-9a-f]{32})$/.exec(name)?.[1] ?? hash(name);

const listedIn = (item: Item): Listed => ({ ...LedgerStatus.parse(textsIn(item)), findingId: findingIdIn(item) });

const recordedIn = (item: Item): Recorded => ({
  ...listedIn(item),
  job: Job.parse(JSON.parse(item.job!.S!)),
  reopened: Number(item.reopened?.N ?? 0),
  ...(item.reopenedAt?.S && { reopenedAt: item.reopenedAt.S }),
  blockedUntil: Number(item.blockedUntil?.N ?? 0),
  attempts: item.executions?.SS?.length ?? 0,
});

const lineIn = (item: Item): Line => ({
  findingId: findingIdIn(item),
  outcome: Ending.parse(item.outcome!.S),
  at: item.at!.S!,
  job: Job.parse(JSON.parse(item.job!.S!)),
  ...(item.failure && { failure: Failure.parse(JSON.parse(item.failure.S!)) }),
});

function statisticsIn(item: Item): DayStatistics {
  const [account, control] = item.sk!.S!.split('#') as [string, string];
  const counts = Object.entries(item).flatMap(([name, value]) =>
    value.N !== undefined && name !== 'expires' ? [[name, Number(value.N)] as const] : [],
  );
  const isDuration = ([name]: readonly [string, number]) => name.startsWith(AFTER);
  return {
    day: item.pk!.S!.slice(statisticsKey('').length),
    account,
    control,
    endings: Object.fromEntries(counts.filter((count) => !isDuration(count))),
    durations: Object.fromEntries(counts.filter(isDuration).map(([name, count]) => [name.slice(AFTER.length), count])),
  };
}

const textsIn = (item: Item): Record<string, string> =>
  Object.fromEntries(Object.entries(item).flatMap(([name, { S }]) => (S === undefined ? [] : [[name, S]])));

const findingIdIn = (item: Item): string => item.pk!.S!.slice(findingKey('').length);
