import {
  DeleteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type FindingStatus, findingKey, RECORD, SUPPRESSIONS } from '../domain/ledger.ts';
import type { Suppressions } from '../ports/suppressions.ts';
import { dynamoDb } from './dynamodb.ts';
import { conditionHeld, itemKey } from './ledger-items.ts';

export const dynamoSuppressions = (table: string, client: DynamoDBClient = dynamoDb()): Suppressions => ({
  async list() {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: SUPPRESSIONS } },
      }),
    );
    return Items.map(({ sk, since, criteria }) => ({
      ...{ id: sk!.S!, since: since!.S! },
      ...(criteria?.S && { criteria: criteria.S }),
    }));
  },

  async add(id, at) {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: itemKey(SUPPRESSIONS, id),
        UpdateExpression: 'SET since = if_not_exists(since, :at)',
        ExpressionAttributeValues: { ':at': { S: at } },
      }),
    );
  },

  async storeCriteria(id, criteria) {
    await conditionHeld(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(SUPPRESSIONS, id),
          UpdateExpression: 'SET criteria = :criteria',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':criteria': { S: criteria } },
        }),
      ),
    );
  },

  async remove(id) {
    await client.send(new DeleteItemCommand({ TableName: table, Key: itemKey(SUPPRESSIONS, id) }));
  },

  release({ findingId, changedAt, ofSuppression }, to) {
    const change = 'suppression' in to ? moveTo(to.suppression) : ignoreFor(to.reason);
    return conditionHeld(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(findingKey(findingId), RECORD),
          ...change,
          ConditionExpression: 'changedAt = :seen AND ofSuppression = :suppression',
          ExpressionAttributeValues: {
            ...change.ExpressionAttributeValues,
            ':seen': { S: changedAt },
            ':suppression': { S: ofSuppression! },
          },
        }),
      ),
    );
  },
});

type RecordChange = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ExpressionAttributeValues'>;

const moveTo = (suppression: string): RecordChange => ({
  UpdateExpression: 'SET ofSuppression = :other',
  ExpressionAttributeValues: { ':other': { S: suppression } },
});

/** A later execution may replace this status, whatever its end is. */
const ignoreFor = (reason: string): RecordChange => ({
  UpdateExpression: 'SET ofStatus = :ignored, reason = :reason REMOVE ofSuppression',
  ExpressionAttributeValues: { ':ignored': { S: 'IGNORED' satisfies FindingStatus }, ':reason': { S: reason } },
});
