/** The audit trail of operators' runs: one line for each run, and one for each item that the run processed. */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { OPERATIONS, operationKey, redrivesKey } from '../domain/operations.ts';
import type { OperatorRuns, StoredRun } from '../ports/operator-runs.ts';
import { dynamoDb } from './dynamodb.ts';
import { type DynamoItem, expiryAttribute, itemKey } from './ledger-items.ts';

const RECENT_RUNS = 50;

export function dynamoOperatorRuns(
  TableName: string,
  client: DynamoDBClient = dynamoDb(),
  now = Date.now,
): OperatorRuns {
  const put = (Item: DynamoItem) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { ...Item, expires: expiryAttribute(now()) },
        // A line with a result stays. One without a result belongs to an interrupted item, which is done again.
        ConditionExpression: 'attribute_not_exists(pk) OR attribute_not_exists(#result)',
        ExpressionAttributeNames: { '#result': 'result' },
      }),
    );
  const update = (Key: DynamoItem, values: DynamoItem) =>
    client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: `SET ${Object.keys(values).map((name) => `#${name} = :${name}`)}`,
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: Object.fromEntries(Object.keys(values).map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [`:${name}`, value]),
        ),
      }),
    );
  return {
    recent: () => recentRuns(TableName, client),
    async find(run, startedAt) {
      const Key = runKey({ run, at: startedAt });
      const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return Item && runIn(Item);
    },
    async begin(run) {
      await put({ ...runKey(run), ...lineOf(run), run: { S: run.run }, selection: json(run.selection) });
    },
    completed: (run) => completedItems(TableName, client, run),
    async recordItem(run, item, by, at) {
      await put({ ...itemKey(operationKey(run.run), item), ...lineOf({ ...run, by, at }) });
    },
    async recordRedrive(run, execution, by, at) {
      await put({ ...itemKey(redrivesKey(execution), by), ...lineOf({ ...run, by, at }), run: { S: run.run } });
    },
    async recordResult({ run }, item, result) {
      await update(itemKey(operationKey(run), item), { result: { S: result } });
    },
    async end(run, by, at, counts) {
      await update(runKey(run), { endedAt: { S: at }, endedBy: { S: by }, counts: json(counts) });
    },
  };
}

const runKey = ({ run, at }: Pick<StoredRun, 'run' | 'at'>): DynamoItem => itemKey(OPERATIONS, `${at}#${run}`);
const json = (value: object) => ({ S: JSON.stringify(value) });
const lineOf = ({ at, action, by, reason }: StoredRun): DynamoItem => ({
  at: { S: at },
  action: { S: action },
  by: { S: by },
  reason: { S: reason },
});

async function recentRuns(TableName: string, client: DynamoDBClient): Promise<StoredRun[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: OPERATIONS } },
      ScanIndexForward: false,
      Limit: RECENT_RUNS,
      ConsistentRead: true,
    }),
  );
  return Items.map(runIn);
}

async function completedItems(TableName: string, client: DynamoDBClient, run: string): Promise<Record<string, string>> {
  const results: Record<string, string> = {};
  let ExclusiveStartKey: DynamoItem | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: operationKey(run) } },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    for (const { sk, result } of page.Items ?? []) if (result?.S !== undefined) results[sk!.S!] = result.S;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return results;
}

const runIn = (item: DynamoItem): StoredRun => ({
  run: item.run!.S!,
  at: item.at!.S!,
  action: item.action!.S as StoredRun['action'],
  by: item.by!.S!,
  reason: item.reason!.S!,
  selection: JSON.parse(item.selection!.S!),
  ...(item.endedAt && { endedAt: item.endedAt.S! }),
  ...(item.endedBy && { endedBy: item.endedBy.S! }),
  ...(item.counts && { counts: JSON.parse(item.counts.S!) }),
});
