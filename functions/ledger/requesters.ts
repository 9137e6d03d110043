/** Reads from the audit trail who asked for an execution. */
import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { operationKey, redrivesKey, runOfEventReplay } from '../domain/operations.ts';
import type { Requesters } from '../ports/operator-runs.ts';
import { dynamoDb } from './dynamodb.ts';
import { itemKey } from './ledger-items.ts';

export const dynamoRequesters = (TableName: string, client: DynamoDBClient = dynamoDb()): Requesters => ({
  async redrove(execution) {
    const pk = { S: redrivesKey(execution) };
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      }),
    );
    return Items.map(({ by }) => by!.S!);
  },

  async replayedEvents(name) {
    const run = runOfEventReplay(name);
    if (run === undefined) return undefined;
    const Key = itemKey(operationKey(run), name);
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item?.by?.S;
  },
});
