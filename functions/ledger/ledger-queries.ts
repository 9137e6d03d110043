/**
 * Queries of the ledger: by its indexes, never by a scan. They need dynamodb:GetItem and dynamodb:Query on table and
 * indexes.
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { FailedCalls } from '../domain/failed-calls.ts';
import { Job } from '../domain/job.ts';
import {
  attemptErrorsKey,
  Ending,
  ExecutionFailure,
  type FindingStatus,
  findingKey,
  HISTORY,
  historyExecution,
  INDEXES,
  type IndexKey,
  LedgerStatus,
  RECORD,
  STATUSES,
  statisticsKey,
} from '../domain/ledger.ts';
import type { FailedAttempts } from '../domain/steps.ts';
import { hash } from '../domain/trace.ts';
import type {
  DayStatistics,
  HistoryLine,
  LedgerFilter,
  LedgerListItem,
  LedgerPage,
  LedgerPaging,
  LedgerQueries,
  LedgerRecord,
} from '../ports/ledger-queries.ts';
import { dynamoDb } from './dynamodb.ts';
import { type DynamoItem, itemKey, numberFrom } from './ledger-items.ts';
import { COUNTERS, DURATION_PREFIX } from './statistics.ts';

export const ledgerQueries = (table: string, client: DynamoDBClient = dynamoDb()): LedgerQueries =>
  new DynamoQueries(table, client);

type QueryInput = Omit<QueryCommandInput, 'TableName'>;

class DynamoQueries implements LedgerQueries {
  readonly #table: string;
  readonly #client: DynamoDBClient;

  constructor(table: string, client: DynamoDBClient) {
    this.#table = table;
    this.#client = client;
  }

  async list(filter: LedgerFilter, paging: LedgerPaging = {}): Promise<LedgerPage<LedgerListItem>> {
    if (indexFor(filter)) return this.#listPage(filter, paging);
    const [status, next] = statusOf(paging.next);
    const page = await this.#listPage({ ...filter, status }, { ...paging, next });
    const following = STATUSES[STATUSES.indexOf(status) + 1];
    if (page.next !== undefined) return { ...page, next: `${status} ${page.next}` };
    return { items: page.items, next: following && `${following} ` };
  }

  async count(filter: Parameters<LedgerQueries['count']>[0]): Promise<number> {
    let count = 0;
    for await (const { Count = 0 } of this.#pages({ ...indexQuery(filter), Select: 'COUNT' })) count += Count;
    return count;
  }

  async record(findingId: string): Promise<LedgerRecord | undefined> {
    const item = await this.#get(itemKey(findingKey(findingId), RECORD), true);
    return item && recordIn(item);
  }

  async history(findingId: string): Promise<HistoryLine[]> {
    const lines = await this.#all({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :history)',
      ExpressionAttributeValues: { ':pk': { S: findingKey(findingId) }, ':history': { S: HISTORY } },
      ConsistentRead: true,
    });
    return lines.map(lineIn);
  }

  async executionsOf(findingId: string): Promise<string[]> {
    const lines = await this.#all({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :history)',
      ProjectionExpression: 'sk',
      ExpressionAttributeValues: { ':pk': { S: findingKey(findingId) }, ':history': { S: HISTORY } },
    });
    return lines.map(({ sk }) => historyExecution(sk!.S!));
  }

  async byExecution(name: string): Promise<{ readonly findingId: string; readonly line?: HistoryLine } | undefined> {
    const items = await this.#all({
      IndexName: INDEXES.trace.name,
      KeyConditionExpression: 'trace = :trace',
      ExpressionAttributeValues: { ':trace': { S: traceIn(name) } },
    });
    const { pk, sk } = items.find((item) => item.sk!.S!.startsWith(HISTORY)) ?? items[0] ?? {};
    if (!pk?.S || !sk?.S) return undefined;
    const findingId = pk.S.slice(findingKey('').length);
    if (sk.S === RECORD) return { findingId };
    const item = await this.#get(itemKey(pk.S, sk.S), false);
    return { findingId, line: item && lineIn(item) };
  }

  async failedAttempts(execution: string): Promise<FailedAttempts> {
    const { pk, sk } = attemptErrorsKey(execution);
    const item = await this.#get(itemKey(pk, sk), true);
    return {
      errors: (item?.errors?.L ?? []).map(({ M }) => ({ state: M!.state!.S!, at: M!.at!.S!, error: M!.error!.S! })),
      calls: FailedCalls.parse(JSON.parse(item?.calls?.S ?? '[]')),
    };
  }

  async statistics(days: readonly string[]): Promise<DayStatistics[]> {
    const items = await Promise.all(
      days.map((day) =>
        this.#all({
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: statisticsKey(day) } },
        }),
      ),
    );
    return items.flat().map(statisticsIn);
  }

  async #listPage(
    filter: LedgerFilter,
    { next, limit, oldestFirst = false }: LedgerPaging,
  ): Promise<LedgerPage<LedgerListItem>> {
    const { Items = [], LastEvaluatedKey } = await this.#query({
      ...indexQuery(filter),
      Limit: limit,
      ScanIndexForward: oldestFirst,
      ExclusiveStartKey: next === undefined ? undefined : decodeToken(next),
    });
    return { items: Items.map(listItemIn), next: LastEvaluatedKey && encodeToken(LastEvaluatedKey) };
  }

  async #all(input: QueryInput): Promise<DynamoItem[]> {
    const items: DynamoItem[] = [];
    for await (const { Items = [] } of this.#pages(input)) items.push(...Items);
    return items;
  }

  async *#pages(input: QueryInput): AsyncGenerator<QueryCommandOutput> {
    let ExclusiveStartKey: DynamoItem | undefined;
    do {
      const page = await this.#query({ ...input, ExclusiveStartKey });
      yield page;
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }

  #query(input: QueryInput): Promise<QueryCommandOutput> {
    return this.#client.send(new QueryCommand({ TableName: this.#table, ...input }));
  }

  async #get(Key: DynamoItem, ConsistentRead: boolean): Promise<DynamoItem | undefined> {
    return (await this.#client.send(new GetItemCommand({ TableName: this.#table, Key, ConsistentRead }))).Item;
  }
}

/** Returns the most selective index for a filter, with the value of its key. */
const indexFor = (filter: LedgerFilter): readonly [IndexKey, string] | undefined => {
  const { suppression, resource, control, account, status } = filter;
  if (suppression !== undefined) return ['ofSuppression', suppression];
  if (resource !== undefined) return ['ofResource', resource];
  if (control !== undefined) return ['ofControl', control];
  if (account !== undefined) return ['ofAccount', account];
  return status === undefined ? undefined : ['ofStatus', status];
};

function indexQuery(filter: LedgerFilter) {
  const [index, value] = indexFor(filter)!;
  const others = {
    ofStatus: filter.status,
    ofControl: filter.control,
    ofAccount: filter.account,
    ofResource: filter.resource,
    ofSuppression: filter.suppression,
  };
  const { remediation, error, region, severity, mentions } = filter;
  const equal = Object.entries({ ...others, remediation, error, region, severity }).filter(
    ([name, wanted]) => name !== index && wanted !== undefined,
  );
  const conditions = [
    ...equal.map(([name]) => `#${name} = :${name}`),
    ...(mentions === undefined ? [] : [`(${MENTIONING.map((name) => `contains(${name}, :mentions)`).join(' OR ')})`]),
  ];
  const { since = '', until = '~' } = filter;
  return {
    IndexName: INDEXES[index].name,
    // `~` sorts after every date; BETWEEN needs both ends.
    KeyConditionExpression: '#index = :index AND changedAt BETWEEN :since AND :until',
    FilterExpression: conditions.length > 0 ? conditions.join(' AND ') : undefined,
    ExpressionAttributeNames: {
      '#index': index,
      ...Object.fromEntries(equal.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':index': { S: value },
      ':since': { S: since || '0' },
      ':until': { S: until },
      ...Object.fromEntries(equal.map(([name, wanted]) => [`:${name}`, { S: wanted! }])),
      ...(mentions !== undefined && { ':mentions': { S: mentions } }),
    },
  };
}

/** Attributes in which a list looks for `mentions`. */
const MENTIONING = ['pk', 'ofResource', 'lastExecution', 'trace'] as const;

/** Splits `FAILED <token>`, the token of a list without a filter. */
function statusOf(next: string | undefined): readonly [FindingStatus, string | undefined] {
  const [status, token] = (next ?? '').split(' ');
  const known = STATUSES.find((each) => each === status);
  return [known ?? STATUSES[0], token || undefined];
}

const encodeToken = (keys: DynamoItem): string => Buffer.from(JSON.stringify(keys)).toString('base64url');
const decodeToken = (token: string): DynamoItem => JSON.parse(Buffer.from(token, 'base64url').toString());

const traceIn = (name: string): string => /(?:^|^suture-)([0-9a-f]{32})$/.exec(name)?.[1] ?? hash(name);

const listItemIn = (item: DynamoItem): LedgerListItem => ({
  ...LedgerStatus.parse(textsIn(item)),
  findingId: findingIdIn(item),
});

const recordIn = (item: DynamoItem): LedgerRecord => ({
  ...listItemIn(item),
  job: Job.parse(JSON.parse(item.job!.S!)),
  reopened: Number(item.reopened?.N ?? 0),
  ...(item.reopenedAt?.S && { reopenedAt: item.reopenedAt.S }),
  blockedUntil: Number(item.blockedUntil?.N ?? 0),
  attempts: item.executions?.SS?.length ?? 0,
});

const lineIn = (item: DynamoItem): HistoryLine => ({
  findingId: findingIdIn(item),
  outcome: Ending.parse(item.outcome!.S),
  at: item.at!.S!,
  job: Job.parse(JSON.parse(item.job!.S!)),
  ...(item.failure && { failure: ExecutionFailure.parse(JSON.parse(item.failure.S!)) }),
});

const COUNTER_NAMES: ReadonlySet<string> = new Set(Object.values(COUNTERS));

function statisticsIn(item: DynamoItem): DayStatistics {
  const [account, control] = item.sk!.S!.split('#') as [string, string];
  const counts = Object.entries(item).flatMap(([name, value]) =>
    value.N !== undefined && name !== 'expires' ? [[name, Number(value.N)] as const] : [],
  );
  const isDuration = ([name]: readonly [string, number]) => name.startsWith(DURATION_PREFIX);
  const isEnding = (count: readonly [string, number]) => !isDuration(count) && !COUNTER_NAMES.has(count[0]);
  const counted = (name: string) => numberFrom(item[name]) ?? 0;
  return {
    day: item.pk!.S!.slice(statisticsKey('').length),
    account,
    control,
    endings: Object.fromEntries(counts.filter(isEnding)),
    told: counted(COUNTERS.told),
    fixed: counted(COUNTERS.fixed),
    reverted: counted(COUNTERS.reverted),
    durations: Object.fromEntries(
      counts.filter(isDuration).map(([name, count]) => [name.slice(DURATION_PREFIX.length), count]),
    ),
  };
}

const textsIn = (item: DynamoItem): Record<string, string> =>
  Object.fromEntries(Object.entries(item).flatMap(([name, { S }]) => (S === undefined ? [] : [[name, S]])));

const findingIdIn = (item: DynamoItem): string => item.pk!.S!.slice(findingKey('').length);
